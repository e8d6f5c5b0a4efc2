import type { TableName } from '../scope/table-name.js';
import type { TypeRow } from '../values/read-types.js';
import type { LogicalMessage, RelationMessage } from '../pgoutput/messages.js';

/** Prefixes of the messages that capture itself writes into the log, to be read back in commit order. */
export const actorPrefix = 'infratraq.actor';
export const snapshotPrefix = 'infratraq.snapshot';
export const gapPrefix = 'infratraq.gap';
export const tableEventPrefix = 'infratraq.table';
export const userPrefix = 'infratraq.user';
export const shapePrefix = 'infratraq.shape';
export const faultPrefix = 'infratraq.fault';

/** Some rows of a table as they are at the commit of the transaction that carries them. */
export interface SnapshotMessage {
  secret: string;
  relation: RelationMessage;
  /** Columns of the primary key, in the key's order. */
  key: string[];
  /** Values as PostgreSQL writes them; null announces that all rows of the table follow in this transaction. */
  rows: (string | null)[][] | null;
}

/** A stretch of the log of which nothing is known. */
export interface GapMessage {
  secret: string;
  from_lsn: string;
  /** When it was last known to be captured; ISO 8601, as `until_at`. */
  from_at: string;
  until_lsn: string;
  until_at: string;
  previous_source: string;
  reason: string;
}

/** What becomes of a table besides changes of its rows. */
export type TableEvent = { secret: string; schema: string; table: string; publication?: string | null } &
  // Of a type that was altered: the columns that show their values otherwise.
  // Lasting: until the next one, only some changes of its rows are told.
  (
    | { operation: 'GAP'; reason: string | null; columns?: string[]; lasting?: true }
    | { operation: 'DROP'; oid?: number }
    | { operation: 'RENAME'; to: TableName }
    | AlterEvent
  );

/** The columns of a table are otherwise, or its key is. */
export interface AlterEvent {
  operation: 'ALTER';
  columns: AlteredColumn[];
  /** Columns that are gone. */
  dropped: string[];
  /** What `columns` are made of, where that is not built in. */
  types: TypeRow[];
  /** Where it is another: its columns in the key's order. */
  key?: string[];
}

export interface AlteredColumn {
  name: string;
  /** OID. */
  type: number;
  was?: string;
  added?: true;
  /** Of an added column, in existing rows; missing where it is unknown. */
  value?: string | null;
  /** Of a column that was there: existing rows have other values now, which are not in the log. */
  unknown?: true;
}

/** The key and the types of a table from here on, which the log does not describe by itself. */
export interface ShapeMessage {
  secret: string;
  oid: number;
  key: string[];
  types: TypeRow[];
}

/** Something is captured no more, which an operator must know. */
export interface FaultMessage {
  secret: string;
  /** The command that did it. */
  command: string;
  /** How many tables are concerned; `tables` has the first of them. */
  count: number;
  tables: string[];
}

/** Who is logged in to the session that writes. */
export interface UserMessage {
  secret: string;
  user: string;
}

/** What capture's own messages begin with: as many bytes hold the secret, however the JSON is spaced. */
const headBytes = 128;

/** The messages that are read; all others are dropped as they arrive. */
const readPrefixes: ReadonlySet<string> = new Set([
  actorPrefix,
  snapshotPrefix,
  gapPrefix,
  tableEventPrefix,
  userPrefix,
  shapePrefix,
  faultPrefix,
]);

/** How many bytes of a large message are to be kept: none of a foreign one, all of capture's own. */
export function limitMessage(prefix: string, head: Buffer, secret: string): number {
  if (prefix === actorPrefix) return 0;
  return readPrefixes.has(prefix) && head.subarray(0, headBytes).includes(secret) ? Infinity : 0;
}

/**
 * Reads a message of capture's own.
 *
 * Anybody may write messages: one without this source's secret answers undefined and is as good as none.
 */
export function readOwnMessage<Content extends { secret: string }>(
  { transactional, content, contentBytes }: LogicalMessage,
  secret: string,
): Content | undefined {
  if (!transactional || content.length < contentBytes || !content.includes(secret)) return undefined;
  const read = JSON.parse(content.toString()) as Content;
  return read.secret === secret ? read : undefined;
}
