import type { OmittedValue } from '../encoding/omitted-value.js';
import { PgoutputDecodeError } from './decode-error.js';
import { ByteReader } from './byte-reader.js';
import { toDate } from './lsn.js';
import type {
  DeleteMessage,
  Message,
  OldTuple,
  RelationMessage,
  TruncateMessage,
  UpdateMessage,
} from './messages.js';
import { nullStart, omittedStart, unchangedStart, WireTuple } from './wire-tuple.js';

/**
 * Decodes the messages of the pgoutput plugin. The rows of a message are read where they are, into tuples that the next
 * message uses again.
 */
export class MessageDecoder {
  readonly #reader = new ByteReader();
  readonly #oldTuple = new WireTuple();
  readonly #newTuple = new WireTuple();

  /**
   * Decodes the message that the bytes from `offset` on are.
   * @throws PgoutputDecodeError when they are no such message
   */
  decode(bytes: Buffer, offset = 0): Message {
    const reader = this.#reader;
    reader.bytes = bytes;
    reader.offset = offset;
    try {
      return this.#readMessage(reader);
    } catch (error) {
      if (!isOutOfBounds(error)) throw error;
      throw new PgoutputDecodeError('A replication message ends too early');
    }
  }

  #readMessage(reader: ByteReader): Message {
    const tag = reader.character();
    switch (tag) {
      case 'I':
        return {
          tag: 'insert',
          relationOid: reader.oid(),
          newTuple: this.#readNewTuple(reader, reader.character()),
        };
      case 'U':
        return this.#readUpdate(reader);
      case 'D':
        return this.#readDelete(reader);
      case 'B':
        return {
          tag: 'begin',
          commitLsn: reader.lsn(),
          committedAt: toDate(reader.time()),
          transactionId: reader.oid(),
        };
      case 'C':
        // One byte of flags and the commit's own position come first.
        reader.int8();
        reader.lsn();
        return { tag: 'commit', endLsn: reader.lsn() };
      case 'R':
        return readRelation(reader);
      case 'T':
        return readTruncate(reader);
      case 'M':
        return readLogicalMessage(reader);
      case 'O':
        return { tag: 'origin' };
      case 'Y':
        return { tag: 'type' };
      default:
        throw new PgoutputDecodeError(`The replication message type ${JSON.stringify(tag)} is unknown`);
    }
  }

  #readUpdate(reader: ByteReader): UpdateMessage {
    const relationOid = reader.oid();
    let marker = reader.character();
    let oldTuple: OldTuple | null = null;
    if (marker === 'O' || marker === 'K') {
      oldTuple = this.#readOldTuple(reader, marker);
      marker = reader.character();
    }
    return { tag: 'update', relationOid, oldTuple, newTuple: this.#readNewTuple(reader, marker) };
  }

  #readDelete(reader: ByteReader): DeleteMessage {
    return {
      tag: 'delete',
      relationOid: reader.oid(),
      oldTuple: this.#readOldTuple(reader, reader.character()),
    };
  }

  #readNewTuple(reader: ByteReader, marker: string): WireTuple {
    if (marker !== 'N') throw new PgoutputDecodeError(`A new row is announced by ${marker} instead of N`);
    return readTuple(reader, this.#newTuple);
  }

  #readOldTuple(reader: ByteReader, marker: string): OldTuple {
    if (marker !== 'O' && marker !== 'K') {
      throw new PgoutputDecodeError(`An old row is announced by ${marker} instead of O or K`);
    }
    return { kind: marker === 'O' ? 'full' : 'key', values: readTuple(reader, this.#oldTuple) };
  }
}

/** What Buffer throws when a field would lie beyond the end. */
function isOutOfBounds(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ERR_BUFFER_OUT_OF_BOUNDS' || code === 'ERR_OUT_OF_RANGE';
}

const nullValue = 'n'.charCodeAt(0);
const unchangedValue = 'u'.charCodeAt(0);
const textValue = 't'.charCodeAt(0);
/** Not of the protocol: what a value that is too large to be read is replaced by where it arrives. */
const omittedValue = 'L'.charCodeAt(0);
const digestLength = 64;

function readTuple(reader: ByteReader, tuple: WireTuple): WireTuple {
  tuple.bytes = reader.bytes;
  tuple.length = reader.int16();
  if (tuple.omitted.size > 0) tuple.omitted.clear();
  for (let index = 0; index < tuple.length; index += 1) {
    const kind = reader.int8();
    if (kind === textValue) {
      tuple.starts[index] = reader.skip(reader.int32());
      tuple.ends[index] = reader.offset;
    } else if (kind === nullValue) tuple.starts[index] = nullStart;
    else if (kind === unchangedValue) tuple.starts[index] = unchangedStart;
    else if (kind === omittedValue) {
      tuple.starts[index] = omittedStart;
      tuple.omitted.set(index, readOmitted(reader));
    } else throw new PgoutputDecodeError(`A value of kind ${kind} was sent, which was not asked for`);
  }
  return tuple;
}

function readOmitted(reader: ByteReader): OmittedValue {
  const omitted_bytes = reader.int32();
  const start = reader.skip(digestLength);
  return { omitted_bytes, omitted_sha256: reader.bytes.toString('latin1', start, reader.offset) };
}

/** Writes what `MessageDecoder` reads in the place of a value that is too large to be read. */
export function writeOmitted({ omitted_bytes, omitted_sha256 }: OmittedValue): Buffer {
  const bytes = Buffer.alloc(1 + 4 + digestLength);
  bytes[0] = omittedValue;
  bytes.writeInt32BE(omitted_bytes, 1);
  bytes.write(omitted_sha256, 5, 'latin1');
  return bytes;
}

function readRelation(reader: ByteReader): RelationMessage {
  const oid = reader.oid();
  // The server writes pg_catalog as an empty name.
  const schema = reader.text() || 'pg_catalog';
  const table = reader.text();
  const replicaIdentity = reader.character();
  const columns = Array.from({ length: reader.int16() }, () => {
    const identity = (reader.int8() & 1) === 1;
    const column = { name: reader.text(), typeOid: reader.oid(), identity };
    reader.int32();
    return column;
  });
  return { tag: 'relation', oid, schema, table, replicaIdentity, columns };
}

function readTruncate(reader: ByteReader): TruncateMessage {
  const count = reader.int32();
  reader.int8();
  return { tag: 'truncate', relationOids: Array.from({ length: count }, () => reader.oid()) };
}

function readLogicalMessage(reader: ByteReader): Message {
  const transactional = (reader.int8() & 1) === 1;
  reader.lsn();
  const prefix = reader.text();
  const contentBytes = reader.int32();
  // What came of it: of a large message that nobody reads, nothing.
  const start = reader.skip(Math.min(contentBytes, reader.bytes.length - reader.offset));
  const content = reader.bytes.subarray(start, reader.offset);
  return { tag: 'message', transactional, prefix, content, contentBytes };
}
