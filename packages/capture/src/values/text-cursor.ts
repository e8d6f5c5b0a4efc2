/** A text is not what its type's grammar says; its value stays text. */
export class UnreadableTextError extends Error {}

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
    let value = '';
    for (;;) {
      const start = this.offset;
      while (this.character !== '"' && this.character !== '\\' && !this.atEnd) this.offset += 1;
      value += this.text.slice(start, this.offset);
      if (this.take() === '\\') value += this.take();
      else if (quotesAreDoubled && this.character === '"') value += this.take();
      else return value;
    }
  }
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
