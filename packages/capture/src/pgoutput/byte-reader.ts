import { PgoutputDecodeError } from './decode-error.js';

/** Reads the fields of one protocol message after the other, each from its beginning to its end. */
export class ByteReader {
  bytes: Buffer = Buffer.alloc(0);
  offset = 0;

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
    const value = this.bytes.toString('utf8', this.offset, end);
    this.offset = end + 1;
    return value;
  }

  /** Steps over so many bytes; answers where they begin. */
  skip(length: number): number {
    const start = this.offset;
    const end = start + length;
    if (length < 0 || end > this.bytes.length) {
      throw new PgoutputDecodeError('A value in a replication message is longer than the message');
    }
    this.offset = end;
    return start;
  }
}
