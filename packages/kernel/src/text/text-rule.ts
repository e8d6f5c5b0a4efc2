import { describeUnstorable } from './find-unstorable-text.js';

/** What a text that people write may be. */
export interface TextLimits {
  /** Longest text, in characters as people count them: an emoji, or a letter with its accents, is one. */
  readonly characters: number;
  /**
   * Longest text in bytes of UTF-8.
   * @default four times `characters`
   */
  readonly bytes?: number;
  /** Whether line breaks and tabs are allowed. */
  readonly lines?: boolean;
  /** Whether a text is allowed that shows nothing. */
  readonly empty?: boolean;
}

/** What is wrong with a text. */
export interface TextFault {
  readonly kind: 'empty' | 'too_big' | 'characters';
  readonly message: string;
}

/** The rule of one text that people write. */
export interface TextRule extends Required<TextLimits> {
  /** Tells what is wrong with a text; undefined for one that is taken, and kept as it is. */
  judge(text: string): TextFault | undefined;
}

const control = /\p{Cc}/u;
const controlBesidesLines = /(?![\t\n]|\r\n)\p{Cc}/u;
// U+2800 is a braille cell without dots.
const visible = /[^\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * States what a text that people write may be, for every edge that takes one: well-formed, without control characters,
 * of a length that people can count, and visible.
 *
 * @example
 * const title = textRule({ characters: 200 });
 * const fault = title.judge(given); // { kind: 'too_big', message: 'is longer than 200 characters' }
 */
export function textRule(limits: TextLimits): TextRule {
  const { characters, bytes = characters * 4, lines = false, empty = false } = limits;
  const refused = lines ? controlBesidesLines : control;
  const judge = (text: string): TextFault | undefined => {
    const unstorable = describeUnstorable(text);
    if (unstorable !== undefined) return { kind: 'characters', message: unstorable };
    if (Buffer.byteLength(text) > bytes) return { kind: 'too_big', message: `is longer than ${bytes} bytes` };
    if (hasMore(text, characters))
      return { kind: 'too_big', message: `is longer than ${characters} characters` };
    const [character] = refused.exec(text) ?? [];
    if (character !== undefined)
      return { kind: 'characters', message: `holds the control character ${nameOf(character)}; remove it` };
    return empty || visible.test(text) ? undefined : { kind: 'empty', message: 'is empty' };
  };
  return { characters, bytes, lines, empty, judge };
}

/**
 * The beginning of a text, well-formed, of at most this many characters as people count them and four bytes for each; a
 * text that was longer ends in the mark.
 */
export function cutText(text: string, characters: number, mark = '…'): string {
  const whole = text.replace(/\p{Surrogate}/gu, '\ufffd');
  const mostBytes = characters * 4;
  const [mostKept, mostKeptBytes] = [characters - (mark === '' ? 0 : 1), mostBytes - Buffer.byteLength(mark)];
  let [count, bytes, end] = [0, 0, 0];
  for (const { segment } of segmenter.segment(whole)) {
    count += 1;
    bytes += Buffer.byteLength(segment);
    if (count > characters || bytes > mostBytes) return `${whole.slice(0, end)}${mark}`;
    if (count <= mostKept && bytes <= mostKeptBytes) end += segment.length;
  }
  return whole;
}

function hasMore(text: string, characters: number): boolean {
  // No text has more characters than UTF-16 units.
  if (text.length <= characters) return false;
  const segments = segmenter.segment(text)[Symbol.iterator]();
  let count = 0;
  while (count <= characters && !segments.next().done) count += 1;
  return count > characters;
}

function nameOf(character: string): string {
  return `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;
}
