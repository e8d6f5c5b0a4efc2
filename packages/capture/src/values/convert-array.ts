import type { ValueConverter } from './converters.js';

/**
 * Makes a converter for arrays of a type, nested for several dimensions.
 *
 * An array whose lower bounds are not 1 (`[0:2]={…}`) stays text: a list could not carry them.
 */
export function convertArrayOf(convertItem: ValueConverter): ValueConverter {
  return (text) => (text.startsWith('{') ? new ArrayParser(text, convertItem).parse() : text);
}

class ArrayParser {
  private offset = 0;

  constructor(
    private readonly text: string,
    private readonly convertItem: ValueConverter,
  ) {}

  parse(): unknown[] {
    const items: unknown[] = [];
    this.offset += 1;
    while (this.text[this.offset] !== '}') {
      const character = this.text[this.offset];
      if (character === ',') this.offset += 1;
      else if (character === '{') items.push(this.parse());
      else if (character === '"') items.push(this.convertItem(this.readQuoted()));
      else items.push(this.readBare());
    }
    this.offset += 1;
    return items;
  }

  private readQuoted(): string {
    let value = '';
    this.offset += 1;
    while (this.text[this.offset] !== '"') {
      if (this.text[this.offset] === '\\') this.offset += 1;
      value += this.text[this.offset];
      this.offset += 1;
    }
    this.offset += 1;
    return value;
  }

  private readBare(): unknown {
    const start = this.offset;
    while (this.text[this.offset] !== ',' && this.text[this.offset] !== '}') this.offset += 1;
    const value = this.text.slice(start, this.offset);
    return value === 'NULL' ? null : this.convertItem(value);
  }
}
