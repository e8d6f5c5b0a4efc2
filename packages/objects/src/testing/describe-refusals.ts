import { describe, expect, it } from '@jest/globals';
import type { ObjectStore } from '../store/object-store.js';

/** Keys and attributes that no storage takes, because one of them could not keep them. */
export function describeRefusals(storeOf: () => ObjectStore): void {
  describe('what not every storage could keep', () => {
    it.each([
      ['empty', ''],
      ['absolute', '/etc/passwd'],
      ['an empty segment', 'a//b'],
      ['an open end', 'a/'],
      ['the parent', '..'],
      ['a way out', 'a/../../etc/passwd'],
      ['a hidden file', '.hidden'],
      ['backslashes', 'a\\..\\b'],
      ['a null byte', 'a\0b'],
      ['a line end', 'a\nb'],
      ['percent signs', 'a%2e%2e/b'],
      ['other letters', 'ä'],
      ['a tilde', 'a~'],
      ['a drive', 'C:/x'],
      ['too long', 'a/'.repeat(500) + 'b'],
      ['a long segment', 'b'.repeat(201)],
    ])('refuses a key that is or has %s', async (_what, key) => {
      const store = storeOf();
      const refused = { code: 'object.key.invalid', status: 400 };
      await expect(store.put(key, 'x')).rejects.toMatchObject(refused);
      await expect(store.get(key)).rejects.toMatchObject(refused);
      await expect(store.head(key)).rejects.toMatchObject(refused);
      await expect(store.delete(key)).rejects.toMatchObject(refused);
      await expect(store.copy(key, 'x')).rejects.toMatchObject(refused);
      await expect(store.copy('x', key)).rejects.toMatchObject(refused);
      await expect(store.link(key, { expiresInSeconds: 1 })).rejects.toMatchObject(refused);
      if (key !== '' && key !== 'a/')
        await expect(store.list({ prefix: key })).rejects.toMatchObject(refused);
    });

    it('refuses attributes that not every storage could keep', async () => {
      const put = (options: object) => storeOf().put('attributes', 'x', options);
      const refused = { code: 'object.attributes.invalid' };
      await expect(put({ contentType: 'text/html\r\nx: y' })).rejects.toMatchObject(refused);
      await expect(put({ metadata: { Name: 'x' } })).rejects.toMatchObject(refused);
      await expect(put({ metadata: { name: 'ü' } })).rejects.toMatchObject(refused);
      await expect(put({ metadata: { sha256: 'x' } })).rejects.toMatchObject(refused);
      await expect(put({ metadata: { name: 'x'.repeat(3_000) } })).rejects.toMatchObject(refused);
      await expect(put({ sha256: 'abc' })).rejects.toMatchObject(refused);
    });
  });
}
