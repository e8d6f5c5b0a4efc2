import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isSecretName, redactForm, redactJson, redactText } from '../index.js';

describe('the name of a secret', () => {
  it.each([
    'Password',
    'new_password',
    'X-API-Key',
    'apiKey',
    'refreshToken',
    'Set-Cookie',
    'clientSecret',
    'pin',
  ])('is recognised: %s', (name) => expect(isSecretName(name)).toBe(true));
  it.each(['author', 'project', 'pinned', 'code', 'key', 'status'])('is not seen in %s', (name) =>
    expect(isSecretName(name)).toBe(false),
  );
});

describe('JSON without its secrets', () => {
  it('keeps everything else as it was', () => {
    const body = {
      name: 'a "quoted" name',
      list: [1, { password: 'hunter2', note: 'x' }],
      token: { a: ['s'] },
    };
    expect(JSON.parse(redactJson(JSON.stringify(body)))).toEqual({
      name: 'a "quoted" name',
      list: [1, { password: '[redacted]', note: 'x' }],
      token: '[redacted]',
    });
  });

  it('finds names that are written with escapes, spaces, or inside a string', () => {
    for (const text of [
      '{"pass\\u0077ord" :\n "hunter2"}',
      '{"body":"{\\"password\\":\\"hunter2\\"}"}',
      '{"message":"refused: password=hunter2"}',
    ])
      expect(redactJson(text)).not.toContain('hunter2');
  });

  it('holds for any value, wherever the text is cut', () => {
    const secret = 'hunter2-hunter2';
    const value = fc.oneof(
      fc.constant(secret),
      fc.array(fc.constant(secret)),
      fc.dictionary(fc.string(), fc.constant(secret)),
    );
    const body = fc.record({ before: fc.jsonValue(), clientSecret: value, after: fc.string() });
    fc.assert(
      fc.property(body, fc.nat(400), (given, length) => {
        expect(redactJson(JSON.stringify(given).slice(0, length))).not.toContain('hunter2');
      }),
    );
  });

  it('takes time in proportion to the text, however hostile', () => {
    for (const text of [
      '"'.repeat(65_536),
      'token'.repeat(13_000),
      '{"token":'.repeat(7_000),
      '\\'.repeat(65_536),
    ])
      expect(redactJson(text).length).toBeGreaterThan(0);
  });
});

describe('other text without its secrets', () => {
  it('loses parameters, bearer tokens and web tokens', () => {
    expect(redactForm('user=mia&pass%77ord=hunter2&sig=abc&empty')).toBe(
      'user=mia&pass%77ord=[redacted]&sig=[redacted]&empty',
    );
    expect(redactText('Authorization: Bearer abcdefghijk')).toBe('Authorization: Bearer [redacted]');
    expect(redactText('see eyJhbGciOiJI.eyJzdWIiOiIx.c2ln')).toBe('see [redacted]');
  });
});
