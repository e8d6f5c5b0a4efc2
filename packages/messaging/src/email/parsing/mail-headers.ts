import { mailLimits } from './mail-limits.js';

/** One header line as it came, unfolded. */
export interface RawHeader {
  readonly name: string;
  readonly value: string;
}

/** Header lines of a mail, in their order; names are matched in any case. */
export class MailHeaders {
  readonly lines: readonly RawHeader[];

  constructor(lines: readonly RawHeader[]) {
    this.lines = lines;
  }

  /** Of lines as they came: so many, each so long, none without a name. */
  static ofLines(lines: readonly { readonly key: string; readonly line: string }[]): MailHeaders {
    const tidy = lines.slice(0, mailLimits.headers).map(({ key, line }) => {
      const colon = line.indexOf(':');
      const name = (colon === -1 ? key : line.slice(0, colon)).trim();
      const value = decodeJapanese(colon === -1 ? line : line.slice(colon + 1));
      return { name: cleanLine(name, 200), value: cleanLine(value, mailLimits.headerCharacters) };
    });
    // A line that names nothing says nothing; the mail as it came has it.
    return new MailHeaders(tidy.filter(({ name }) => name !== ''));
  }

  all(name: string): string[] {
    const wanted = name.toLowerCase();
    return this.lines.filter((line) => line.name.toLowerCase() === wanted).map(({ value }) => value);
  }

  /** The first one, or an empty text. */
  first(name: string): string {
    return this.all(name)[0] ?? '';
  }
}

const loneSurrogate = /\p{Surrogate}/gu;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Text that every store and screen takes: no NUL, no longer than it may be, and cut between characters. */
export function cleanText(text: string, longest: number): string {
  // An emoji is no longer than this; where a character is, it is cut all the same.
  const around = text.slice(Math.max(0, longest - 200), longest + 200);
  const place = Math.min(longest, 200);
  const end = text.length <= longest ? place : (segmenter.segment(around).containing(place)?.index ?? place);
  const kept = text.slice(0, longest - place + (end || place));
  return kept.replaceAll(loneSurrogate, '\ufffd').replaceAll('\0', '\ufffd');
}

/** Clean text of one line: a line break in a subject would begin another header when it is answered. */
export function cleanLine(text: string, longest: number): string {
  return cleanText(text.replaceAll(/(?:(?!\0)[\s\p{Cc}])+/gu, ' ').trim(), longest);
}

// What a Japanese text in ISO-2022-JP switches its letters with.
const japaneseSwitch = /\x1b(\$[@B]|\([BJI])/;

/** A text whose sender did not say that it is in ISO-2022-JP, decoded; any other text as it is. */
export function decodeJapanese(text: string): string {
  if (!japaneseSwitch.test(text) || /[^\0-\x7f]/.test(text)) return text;
  return new TextDecoder('iso-2022-jp').decode(Buffer.from(text, 'latin1'));
}

// An id holds no space, no control character and no bracket; whatever else stands in one is the sender's business.
const messageId = /^[^\s<>\u0000-\u001f\u007f]+$/;

/** A Message-ID without its brackets, or undefined when it is none. */
export function readMessageId(value: string): string | undefined {
  const id = (/<([^<>]*)>/.exec(value)?.[1] ?? value).trim();
  return id.length > 0 && id.length <= mailLimits.messageIdCharacters && messageId.test(id) ? id : undefined;
}

/** All Message-IDs of a header, each once; of very many, the first, which began the conversation, and the latest. */
export function readMessageIds(value: string): string[] {
  const ids = [...value.matchAll(/<([^<>]+)>/g)].map(([, id]) => readMessageId(id ?? ''));
  const known = [...new Set(ids.filter((id) => id !== undefined))];
  const [first, ...rest] = known;
  if (first === undefined || known.length <= mailLimits.references) return known;
  return [first, ...rest.slice(1 - mailLimits.references)];
}
