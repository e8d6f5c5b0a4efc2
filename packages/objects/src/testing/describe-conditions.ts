import { describe, expect, it } from '@jest/globals';
import type { ObjectStore } from '../store/object-store.js';
import { readAll } from './read-all.js';

const large = Buffer.alloc(9 * 1024 * 1024, 'large');

/** Writes that happen only if nobody else was there before. */
export function describeConditions(storeOf: () => ObjectStore): void {
  describe('conditional writes', () => {
    it.each([
      ['small', Buffer.from('small')],
      ['large', large],
    ])('keep what is stored when a %s object must not be there yet', async (_what, content) => {
      const store = storeOf();
      await store.delete('condition/absent');
      await store.put('condition/absent', content, { ifAbsent: true });
      await expect(store.put('condition/absent', 'second', { ifAbsent: true })).rejects.toMatchObject({
        code: 'object.exists',
        status: 409,
      });
      await expect(store.put('condition/absent', large, { ifAbsent: true })).rejects.toMatchObject({
        code: 'object.exists',
      });
      expect((await readAll(await store.get('condition/absent'))).equals(content)).toBe(true);
      expect(await store.listUnfinished()).toEqual([]);
    });

    it('replace exactly the version that the writer has read', async () => {
      const store = storeOf();
      const first = await store.put('condition/match', 'first');
      const second = await store.put('condition/match', 'second', { ifMatch: first.etag });
      for (const content of ['third', large])
        await expect(store.put('condition/match', content, { ifMatch: first.etag })).rejects.toMatchObject({
          code: 'object.changed',
          status: 409,
        });
      expect((await readAll(await store.get('condition/match'))).toString()).toBe('second');
      await store.delete('condition/match');
      await expect(store.put('condition/match', 'fourth', { ifMatch: second.etag })).rejects.toMatchObject({
        code: 'object.changed',
      });
      expect(await store.head('condition/match')).toBeUndefined();
    });

    it('let exactly one of many writers win', async () => {
      const store = storeOf();
      await store.delete('condition/race');
      const created = await Promise.allSettled(
        Array.from({ length: 8 }, (_, writer) =>
          store.put('condition/race', `writer ${writer}`, { ifAbsent: true }),
        ),
      );
      expect(created.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const { etag } = (await store.head('condition/race'))!;
      const replaced = await Promise.allSettled(
        Array.from({ length: 8 }, (_, writer) =>
          store.put('condition/race', `replacement ${writer}`, { ifMatch: etag }),
        ),
      );
      expect(replaced.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const lost = replaced.filter((outcome) => outcome.status === 'rejected');
      expect(new Set(lost.map(({ reason }) => (reason as { code: string }).code))).toEqual(
        new Set(['object.changed']),
      );
    });
  });
}
