import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findMentions } from './find-mentions.js';

describe('a mention', () => {
  it.each([
    ['@zoë, @zoe\u0308 and @zo', ['zoë', 'zo']],
    ['@Ярослава и @田中さん @مریم @می‌نا', ['Ярослава', '田中さん', 'مریم', 'می‌نا']],
    ['@alice@users.example wrote to ben@users.example', []],
    ['mail alice@example.org, mailto:@x@y', []],
    ['see https://social.example/@alice', []],
    ['(@ada) @ben. cc:@cleo "@dot"', ['ada', 'ben', 'cleo', 'dot']],
    ['@ada.lovelace-2_x!', ['ada.lovelace-2_x']],
    ['@ada, @ada', ['ada']],
    ['`@ada` and ``a ` @ben`` but ` @cleo', ['cleo']],
    ['```\n@ada\n```\n@ben', ['ben']],
    ['~~~ts\n@ada\n~~~\n@ben', ['ben']],
    ['```@ada``` @ben', ['ben']],
    ['```\n@ada is never closed', []],
    ['> @ada wrote\n@ben', ['ben']],
    ['@ada 👋 @ben👍', ['ada', 'ben']],
    ['a @ b', []],
  ])('%j names %j', (text, ids) => {
    expect(findMentions(text)).toEqual(ids);
  });

  it('takes time that grows with the text alone', () => {
    for (const piece of ['`', '``` ', '@a.', '@a-', '~~~\n', '`a``b```', '@a@'])
      expect(findMentions(piece.repeat(32_000 / piece.length)).length).toBeLessThanOrEqual(50);
  });

  it('is the whole name wherever it stands between words', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'ë', 'Я', '田', '7', '_', '.', '-'), minLength: 1 });
    fc.assert(
      fc.property(
        name.filter((text) => /^[\p{L}\p{N}](.*[\p{L}\p{N}_])?$/u.test(text)),
        (id) => {
          expect(findMentions(`ask @${id} now`)).toEqual([id]);
        },
      ),
    );
  });
});
