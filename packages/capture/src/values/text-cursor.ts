/** A text is not what its type's grammar says; its value stays text. */
export class UnreadableTextError extends Error {}

const quote = 0x22;
const backslash = 0x5c;

/** Walks over the text of a structured value. */
export class TextCursor {
  offset = 0;

  constructor(readonly text: string) {}

  /** The character here; empty at the end. */
  get character(): string {
    return this.text[this.offset] ?? '';
  }

  get atEnd(): boolean {
    return this.offset >= this.text.length;
  }

  /** Steps over one character. */
  take(): string {
    const { character } = this;
    if (character === '') throw new UnreadableTextError();
    this.offset += 1;
    return character;
  }

  expect(expected: string): void {
    if (!this.text.startsWith(expected, this.offset)) throw new UnreadableTextError();
    this.offset += expected.length;
  }

  /** Reads up to the first of the given characters, which is left; they must come. */
  readUntil(ends: string): string {
    const start = this.offset;
    while (!ends.includes(this.character)) this.offset += 1;
    // includes('') is true, so the end stops it, too.
    if (this.atEnd) throw new UnreadableTextError();
    return this.text.slice(start, this.offset);
  }

  /** Reads a quoted value; within it a backslash or, where told so, a second quote stands before what it protects. */
  readQuoted(quotesAreDoubled: boolean): string {
    this.expect('"');
    const { text } = this;
    const start = this.offset;
    let protectors = 0;
    for (let place = start; place < text.length; place += 1) {
      const code = text.charCodeAt(place);
      if (code !== quote && code !== backslash) continue;
      if (code === quote && !(quotesAreDoubled && text.charCodeAt(place + 1) === quote)) {
        this.offset = place + 1;
        return protectors === 0 ? text.slice(start, place) : unprotect(text, start, place, protectors);
      }
      protectors += 1;
      place += 1;
    }
    throw new UnreadableTextError();
  }
}

/** Leaves out what stands before another character to protect it. In one piece: joining as many would take much memory. */
function unprotect(text: string, start: number, end: number, protectors: number): string {
  const characters = Buffer.allocUnsafe(2 * (end - start - protectors));
  let offset = 0;
  for (let place = start; place < end; place += 1) {
    const code = text.charCodeAt(place);
    if (code === quote || code === backslash) place += 1;
    offset = characters.writeUInt16LE(text.charCodeAt(place), offset);
  }
  return characters.toString('utf16le');
}

/** Reads a text to its end, or answers the text itself where it is not of the grammar. */
export function readWhole<Value>(text: string, read: (cursor: TextCursor) => Value): Value | string {
  const cursor = new TextCursor(text);
  try {
    const value = read(cursor);
    return cursor.atEnd ? value : text;
  } catch (error) {
    if (error instanceof UnreadableTextError) return text;
    throw error;
  }
}
