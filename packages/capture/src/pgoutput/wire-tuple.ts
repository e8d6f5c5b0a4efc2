import { OmittedText, type OmittedValue } from '../encoding/omitted-value.js';

/** In the place of a value's start: the value is null. */
export const nullStart = -1;
/** In the place of a value's start: the server left the value out, for it is large and has not changed. */
export const unchangedStart = -2;

/** In the place of a value's start: it was too large to be read, and `omitted` says what stands for it. */
export const omittedStart = -3;

/** The values of a row as they were sent: where in a message's bytes each one's text, in UTF-8, begins and ends. */
export class WireTuple {
  bytes: Buffer = Buffer.alloc(0);
  length = 0;
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  /** What stands for values that were too large, by their place. */
  readonly omitted = new Map<number, OmittedValue>();

  /** Whether the value's text is there. */
  hasText(index: number): boolean {
    return index < this.length && (this.starts[index] as number) >= 0;
  }

  /** Whether anything is known of the value, be it that it is null. */
  isSent(index: number): boolean {
    return index < this.length && this.starts[index] !== unchangedStart;
  }

  /** Whether of any of the first `count` values nothing was sent. */
  lacksAny(count: number): boolean {
    for (let index = 0; index < count; index += 1) if (!this.isSent(index)) return true;
    return false;
  }

  readText(index: number): string {
    return this.bytes.toString('utf8', this.starts[index], this.ends[index]);
  }

  /** Whether both values are the same text, or both null. */
  hasSame(index: number, other: WireTuple): boolean {
    const start = this.starts[index] as number;
    const otherStart = other.starts[index] as number;
    if (start === omittedStart || otherStart === omittedStart)
      return this.#digest(index) === other.#digest(index);
    if (start < 0 || otherStart < 0) return start === otherStart;
    const length = (this.ends[index] as number) - start;
    if (length !== (other.ends[index] as number) - otherStart) return false;
    if (length > 32)
      return this.bytes.compare(other.bytes, otherStart, otherStart + length, start, start + length) === 0;
    for (let place = 0; place < length; place += 1)
      if (this.bytes[start + place] !== other.bytes[otherStart + place]) return false;
    return true;
  }

  /** Takes over what another row has in this place. */
  takeValue(index: number, from: WireTuple): void {
    this.starts[index] = from.starts[index] as number;
    this.ends[index] = from.ends[index] as number;
    const omitted = from.omitted.get(index);
    if (omitted !== undefined) this.omitted.set(index, omitted);
  }

  /** The digest of a value, be it here or too large; undefined for one that is null or was not sent. */
  #digest(index: number): string | undefined {
    if (!this.hasText(index)) return this.omitted.get(index)?.omitted_sha256;
    const [start, end] = [this.starts[index] as number, this.ends[index] as number];
    const text = new OmittedText(end - start);
    text.update(this.bytes.subarray(start, end));
    return text.describe().omitted_sha256;
  }

  /** Copies the bytes, for whoever needs the values longer than the message's bytes are theirs. */
  keep(): void {
    this.bytes = Buffer.from(this.bytes);
  }
}

/** A row whose values are at hand as texts. */
export function tupleOf(values: readonly (string | null)[]): WireTuple {
  const tuple = new WireTuple();
  tuple.bytes = Buffer.from(values.join(''));
  tuple.length = values.length;
  let end = 0;
  for (const [index, value] of values.entries()) {
    tuple.starts[index] = value === null ? nullStart : end;
    end += value === null ? 0 : Buffer.byteLength(value);
    tuple.ends[index] = end;
  }
  return tuple;
}
