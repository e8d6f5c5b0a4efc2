import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findUnstorableText } from './find-unstorable-text.js';
import { fingerprintOf } from './fingerprint.js';
import { cutText, textRule } from './text-rule.js';

const family = '👨‍👩‍👧‍👦';
const half = family.slice(0, 1);
const graphemes = (text: string) =>
  [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)].map(({ segment }) => segment);

describe('the rule of a text', () => {
  const line = textRule({ characters: 5 });
  const lines = textRule({ characters: 5, lines: true, empty: true });

  it.each([
    ['abcde', undefined],
    ['abcdef', 'too_big'],
    [family.repeat(5).slice(0, family.length), 'too_big'],
    ['👍👍👍👍👍', undefined],
    ['👍👍👍👍👍👍', 'too_big'],
    [`a${'\u0301'.repeat(50)}`, 'too_big'],
    ['', 'empty'],
    [' \u200b\u2060\ufeff', 'empty'],
    ['\u3164\u2800', 'empty'],
    [half, 'characters'],
    ['a\0', 'characters'],
    ['a\x1b', 'characters'],
    ['a\nb', 'characters'],
    ['a\x85', 'characters'],
  ] as const)('judges %j: %s', (text, kind) => {
    expect(line.judge(text)?.kind).toBe(kind);
  });

  it('counts an emoji of four people as one where its bytes are allowed', () => {
    expect(textRule({ characters: 2, bytes: 100 }).judge(family + family)).toBeUndefined();
    expect(textRule({ characters: 2, bytes: 100 }).judge(family.repeat(3))).toEqual({
      kind: 'too_big',
      message: 'is longer than 2 characters',
    });
  });

  it.each(['a\nb', 'a\r\nb', '\t', '', ' '])('takes %j where lines and nothing are allowed', (text) => {
    expect(lines.judge(text)).toBeUndefined();
  });

  it.each(['a\rb', 'a\x0b', '\0'])('takes no other control, as in %j', (text) => {
    expect(lines.judge(text)?.kind).toBe('characters');
  });
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(family, half, family.slice(1, 2), '\0', 'e\u0301', '🇦', '\u200d', 'x') }),
);

describe('a text that is cut', () => {
  it('is well-formed, short enough, and a beginning of the text by whole characters', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 12 }), (text, characters) => {
        const whole = text.replace(/\p{Surrogate}/gu, '\ufffd');
        const cut = cutText(text, characters);
        expect(findUnstorableText(cut.replaceAll('\0', ''))).toBeUndefined();
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(characters * 4);
        if (cut === whole) return;
        expect(cut.endsWith('…')).toBe(true);
        const kept = graphemes(cut.slice(0, -1));
        expect(kept.length).toBeLessThan(characters);
        expect(kept).toEqual(graphemes(whole).slice(0, kept.length));
      }),
      { numRuns: 2_000 },
    );
  });

  it('stays whole where it fits', () => {
    expect(cutText('12345', 5)).toBe('12345');
    expect(cutText('123456', 5)).toBe('1234…');
    expect(cutText('123456', 5, '')).toBe('12345');
    expect(cutText(`123${family}5`, 4)).toBe('123…');
  });
});

describe('a value of any shape', () => {
  it.each([
    [{ a: ['x', { b: `y${half}` }] }, '/a/1/b'],
    [{ 'k\0': 1 }, '/k\ufffd'],
    ['\0', '/'],
    [[['\0']], '/0/0'],
  ])('%j is refused at %s', (value, path) => {
    expect(findUnstorableText(value)).toMatchObject({ path, message: expect.any(String) });
  });

  it('is searched however deep it is nested, and though it holds itself', () => {
    let deep: unknown = '\0';
    for (let depth = 0; depth < 200_000; depth += 1) deep = [deep];
    expect(findUnstorableText(deep)).toBeDefined();
    const circle: Record<string, unknown> = { name: 'é👍', at: new Date(), bytes: Buffer.from([0]) };
    circle['self'] = circle;
    expect(findUnstorableText(circle)).toBeUndefined();
  });
});

it('the fingerprint of a value depends on what it holds, not on the order of its members', () => {
  expect(fingerprintOf({ a: 1, b: { c: [1, 2], d: undefined } })).toBe(
    fingerprintOf({ b: { c: [1, 2] }, a: 1 }),
  );
  expect(fingerprintOf({ a: [1, 2] })).not.toBe(fingerprintOf({ a: [2, 1] }));
});
