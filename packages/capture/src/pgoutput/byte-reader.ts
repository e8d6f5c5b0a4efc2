import { PgoutputDecodeError } from '../errors.js';

const textDecoder = new TextDecoder();

/** Reads the fields of one protocol message, from its beginning to its end. */
export class ByteReader {
  private offset = 0;

  constructor(private readonly bytes: Buffer) {}

  int8(): number {
    const value = this.bytes.readUInt8(this.offset);
    this.offset += 1;
    return value;
  }

  int16(): number {
    const value = this.bytes.readInt16BE(this.offset);
    this.offset += 2;
    return value;
  }

  int32(): number {
    const value = this.bytes.readInt32BE(this.offset);
    this.offset += 4;
    return value;
  }

  oid(): number {
    const value = this.bytes.readUInt32BE(this.offset);
    this.offset += 4;
    return value;
  }

  lsn(): bigint {
    const value = this.bytes.readBigUInt64BE(this.offset);
    this.offset += 8;
    return value;
  }

  time(): bigint {
    const value = this.bytes.readBigInt64BE(this.offset);
    this.offset += 8;
    return value;
  }

  character(): string {
    return String.fromCharCode(this.int8());
  }

  /** Text up to a null byte. */
  text(): string {
    const end = this.bytes.indexOf(0, this.offset);
    if (end === -1) throw new PgoutputDecodeError('A text in a replication message has no end');
    const value = textDecoder.decode(this.bytes.subarray(this.offset, end));
    this.offset = end + 1;
    return value;
  }

  /** A view, not a copy. */
  slice(length: number): Buffer {
    const end = this.offset + length;
    if (length < 0 || end > this.bytes.length) {
      throw new PgoutputDecodeError('A value in a replication message is longer than the message');
    }
    const value = this.bytes.subarray(this.offset, end);
    this.offset = end;
    return value;
  }
}
