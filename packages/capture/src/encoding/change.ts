/**
 * What happened to a row or to a whole table. `TRUNCATE` empties a table, `DROP` removes it, `RENAME` calls it
 * otherwise, `ALTER` changes its columns or its key. `SNAPSHOT` states a row without a change of it. `GAP` marks what is
 * unknown: a stretch of the log (all tables), or one table, some of whose rows may have changed or gone.
 */
export const changeOperations = [
  'INSERT',
  'UPDATE',
  'DELETE',
  'TRUNCATE',
  'DROP',
  'RENAME',
  'ALTER',
  'SNAPSHOT',
  'GAP',
] as const;
export type ChangeOperation = (typeof changeOperations)[number];

/** A row with its columns in table order, each value as BSON can hold it without loss. */
export type RowValue = Record<string, unknown>;

/** One change of one relational row, ready to be stored; the field names are the stored ones. */
export interface Change {
  /** `<source>:<commit LSN, 16 hex digits>:<position, 8 hex digits>`: equal in every replay, and sorts in commit order. */
  _id: string;
  /** The table's name, with its schema unless that is `public`; see `nameEntityType`. */
  entity_type: string;
  /**
   * The primary key as text, or a JSON array of texts for several columns. Without a key: `row:<hash>` of the row
   * before the change. `*` for a whole table: TRUNCATE, DROP, RENAME, ALTER, GAP, and the SNAPSHOT that precedes all
   * rows of a table without a key. A GAP of all tables has the type `*` too.
   */
  entity_id: string;
  /** Set where the change concerns the whole table: a row's key may be the text `*`, too. */
  whole_table?: true;
  operation: ChangeOperation;
  /** The row before. Without full replica identity it lacks columns, or is null. */
  old_value: RowValue | null;
  new_value: RowValue | null;
  /** Columns whose values differ; all columns of an INSERT or DELETE. */
  changed_fields: string[];
  /**
   * Columns of an UPDATE that may have changed: the log holds their values after, and without full replica identity
   * not those before.
   */
  uncertain_fields?: string[];
  /** Of a DELETE: the row goes on under this id, in the INSERT that follows. One UPDATE changed its key. */
  moved_to?: string;
  /** Of an INSERT: the row had this id, in the DELETE before. */
  moved_from?: string;
  /**
   * Columns that the row has and `new_value` lacks: the UPDATE did not touch these large values, and without full
   * replica identity the log does not hold them.
   */
  unchanged_fields?: string[];
  /** Columns of a DELETE that `old_value` lacks: without full replica identity the log does not hold them. */
  unknown_fields?: string[];
  /** Columns left out because the change exceeds the size limit of a document. */
  omitted_fields?: string[];
  /** The actor's user id. Without an actor: the database user who logged in, or `unknown`. */
  changed_by: string;
  /** When the transaction committed. */
  changed_at: Date;
  ip_address?: string;
  session_id?: string;
  cause_id?: string;
  reason?: string;
  transaction_id: string;
  /** The commit's position in the write-ahead log, as PostgreSQL writes it. */
  lsn: string;
  /** Position among the transaction's changes, from 0. */
  position: number;
  schema_name: string;
  table_name: string;
  /** `application` where the transaction named its actor, else `direct_sql`. */
  source: 'application' | 'direct_sql';
}
