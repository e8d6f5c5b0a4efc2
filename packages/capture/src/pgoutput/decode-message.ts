import { PgoutputDecodeError } from '../errors.js';
import { ByteReader } from './byte-reader.js';
import { toDate } from './lsn.js';
import {
  unchangedToast,
  type DeleteMessage,
  type Message,
  type OldTuple,
  type RelationMessage,
  type TruncateMessage,
  type UpdateMessage,
  type WireTuple,
} from './messages.js';

/**
 * Decodes one message of the pgoutput plugin; its values are views into `bytes`.
 * @throws PgoutputDecodeError when the bytes are no such message
 */
export function decodeMessage(bytes: Buffer): Message {
  try {
    return readMessage(new ByteReader(bytes));
  } catch (error) {
    if (!isOutOfBounds(error)) throw error;
    throw new PgoutputDecodeError('A replication message ends too early');
  }
}

/** What Buffer throws when a field would lie beyond the end. */
function isOutOfBounds(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ERR_BUFFER_OUT_OF_BOUNDS' || code === 'ERR_OUT_OF_RANGE';
}

function readMessage(reader: ByteReader): Message {
  const tag = reader.character();
  switch (tag) {
    case 'I':
      return { tag: 'insert', relationOid: reader.oid(), newTuple: readNewTuple(reader, reader.character()) };
    case 'U':
      return readUpdate(reader);
    case 'D':
      return readDelete(reader);
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

function readUpdate(reader: ByteReader): UpdateMessage {
  const relationOid = reader.oid();
  let marker = reader.character();
  let oldTuple: OldTuple | null = null;
  if (marker === 'O' || marker === 'K') {
    oldTuple = readOldTuple(reader, marker);
    marker = reader.character();
  }
  return { tag: 'update', relationOid, oldTuple, newTuple: readNewTuple(reader, marker) };
}

function readDelete(reader: ByteReader): DeleteMessage {
  return { tag: 'delete', relationOid: reader.oid(), oldTuple: readOldTuple(reader, reader.character()) };
}

function readNewTuple(reader: ByteReader, marker: string): WireTuple {
  if (marker !== 'N') throw new PgoutputDecodeError(`A new row is announced by ${marker} instead of N`);
  return readTuple(reader);
}

function readOldTuple(reader: ByteReader, marker: string): OldTuple {
  if (marker !== 'O' && marker !== 'K') {
    throw new PgoutputDecodeError(`An old row is announced by ${marker} instead of O or K`);
  }
  return { kind: marker === 'O' ? 'full' : 'key', values: readTuple(reader) };
}

const nullValue = 'n'.charCodeAt(0);
const unchangedValue = 'u'.charCodeAt(0);
const textValue = 't'.charCodeAt(0);

function readTuple(reader: ByteReader): WireTuple {
  const count = reader.int16();
  const values: WireTuple = new Array<WireTuple[number]>(count);
  for (let index = 0; index < count; index += 1) {
    const kind = reader.int8();
    if (kind === textValue) values[index] = reader.slice(reader.int32());
    else if (kind === nullValue) values[index] = null;
    else if (kind === unchangedValue) values[index] = unchangedToast;
    else throw new PgoutputDecodeError(`A value of kind ${kind} was sent, which was not asked for`);
  }
  return values;
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
  return { tag: 'message', transactional, prefix, content: reader.slice(reader.int32()) };
}
