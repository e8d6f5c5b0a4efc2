import { mailLimits } from './mail-limits.js';

/** One header line as it came, unfolded. */
export interface RawHeader {
  readonly name: string;
  readonly value: string;
}

/** Header lines of a mail, in their order; names are matched in any case. */
export class MailHeaders {
  readonly lines: readonly RawHeader[];

  constructor(lines: readonly { readonly key: string; readonly line: string }[]) {
    this.lines = lines
      .slice(0, mailLimits.headers)
      .map(({ key, line }) => {
        const colon = line.indexOf(':');
        const name = (colon === -1 ? key : line.slice(0, colon)).trim();
        const value = (colon === -1 ? line : line.slice(colon + 1)).replaceAll(/\s+/g, ' ').trim();
        return { name: cleanText(name, 200), value: cleanText(value, mailLimits.headerCharacters) };
      })
      // A line that names nothing says nothing; the mail as it came has it.
      .filter(({ name }) => name !== '');
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

/** Text that every store and screen takes: whole characters, no NUL, no longer than it may be. */
export function cleanText(text: string, characters: number): string {
  return text.slice(0, characters).replaceAll(loneSurrogate, '\ufffd').replaceAll('\0', '\ufffd');
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
