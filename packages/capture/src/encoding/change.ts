/**
 * What happened to a row, or to a whole table (`TRUNCATE` of its rows, `DROP` with them). `SNAPSHOT` says what a row is
 * like at this place, without anything having happened to it; `GAP` that it is not known what has happened: to all
 * tables in a stretch of the log before this place, or to one table, some of whose rows may have changed or gone.
 */
export type ChangeOperation = 'INSERT' | 'UPDATE' | 'DELETE' | 'TRUNCATE' | 'DROP' | 'SNAPSHOT' | 'GAP';

/** A row with its columns in table order, each value as BSON can hold it without loss. */
export type RowValue = Record<string, unknown>;

/** One change of one relational row, ready to be stored; the field names are the stored ones. */
export interface Change {
  /** `<source>:<commit LSN, 16 hex digits>:<position, 8 hex digits>`: replays give the same, and it sorts in commit order. */
  _id: string;
  /** The table's name, with its schema unless that is `public`. */
  entity_type: string;
  /**
   * The primary key as text; a JSON array of texts where it has several columns; `row:<hash>` of the row
   * (as it was before the change) where there is none; `*` for a TRUNCATE, a DROP, a GAP (of all tables the type is
   * `*`, too), and for the SNAPSHOT that goes before all rows of a table without a key.
   */
  entity_id: string;
  operation: ChangeOperation;
  /** The row before; what the log did not hold of it (replica identity not full) is left out or, as a whole, null. */
  old_value: RowValue | null;
  new_value: RowValue | null;
  /**
   * The columns whose values differ; all of them for an INSERT or DELETE. Those whose values before are unknown, for
   * the table's replica identity is not full, count as changed.
   */
  changed_fields: string[];
  /**
   * Columns that `new_value` lacks although the row has them: an UPDATE did not touch these large values, and the
   * table's replica identity is not full, so that the log has neither the value nor the row before.
   */
  unchanged_fields?: string[];
  /** Columns whose values were left out because the change is larger than a document may be. */
  omitted_fields?: string[];
  /** The actor's user id; where the transaction named none, the database user who logged in, or `unknown`. */
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
  /** Place among the transaction's changes, from 0. */
  position: number;
  schema_name: string;
  table_name: string;
  /** `application` where the transaction named its actor, else `direct_sql`. */
  source: 'application' | 'direct_sql';
}
