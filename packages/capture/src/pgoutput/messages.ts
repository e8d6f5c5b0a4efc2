import type { WireTuple } from './wire-tuple.js';

/** What a pgoutput stream (protocol version 1) consists of. */
export type Message =
  | BeginMessage
  | CommitMessage
  | RelationMessage
  | InsertMessage
  | UpdateMessage
  | DeleteMessage
  | TruncateMessage
  | LogicalMessage
  | { tag: 'origin' }
  | { tag: 'type' };

export interface BeginMessage {
  tag: 'begin';
  /** Where the transaction's commit record begins: higher for every later commit. */
  commitLsn: bigint;
  committedAt: Date;
  transactionId: number;
}

export interface CommitMessage {
  tag: 'commit';
  /** Where the commit record ends: what may be confirmed once everything before it is stored. */
  endLsn: bigint;
}

export interface RelationColumn {
  name: string;
  typeOid: number;
  /** Part of the replica identity; with FULL that is every column. */
  identity: boolean;
}

export interface RelationMessage {
  tag: 'relation';
  oid: number;
  schema: string;
  table: string;
  /** `f` full, `d` primary key, `i` an index, `n` nothing. */
  replicaIdentity: string;
  columns: RelationColumn[];
}

export interface InsertMessage {
  tag: 'insert';
  relationOid: number;
  newTuple: WireTuple;
}

/** The row before: all of it with identity FULL, else only its key. */
export interface OldTuple {
  kind: 'full' | 'key';
  values: WireTuple;
}

export interface UpdateMessage {
  tag: 'update';
  relationOid: number;
  oldTuple: OldTuple | null;
  newTuple: WireTuple;
}

export interface DeleteMessage {
  tag: 'delete';
  relationOid: number;
  oldTuple: OldTuple;
}

export interface TruncateMessage {
  tag: 'truncate';
  relationOids: number[];
}

/** What `pg_logical_emit_message` wrote. */
export interface LogicalMessage {
  tag: 'message';
  transactional: boolean;
  prefix: string;
  content: Buffer;
  /** Length of the content as it was written; what is missing of it was dropped when it arrived. */
  contentBytes: number;
}
