import 'reflect-metadata';
import { between, Collection, growth, years } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';

/**
 * What happened to a row or to a whole table. TRUNCATE empties a table, DROP removes it, RENAME calls it otherwise, ALTER
 * changes its columns or its key. SNAPSHOT states a row as it was when it was read. GAP marks what is unknown: everything
 * in a stretch of the log, or what became of the rows of one table (it was left out for a while, or rewritten).
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

/** Who a change is attributed to: an actor that the transaction named, or the database user alone. */
export const changeSources = ['application', 'direct_sql'] as const;
export type ChangeSource = (typeof changeSources)[number];

/** One change of one relational row, with the row as it was and as it became. */
@Collection<EntityChangelog>({
  name: 'entity_changelog',
  purpose: 'Full before and after snapshots on every relational write',
  time: 'changed_at',
  retention: between(years(2), years(7)),
  archive: 'before-expiry',
  durability: 'journal-first',
  growth: growth('high', { documentBytes: 2_000, documentsPerDay: 150_000 }),
  traits: ['append-only', 'variable-schema', 'flexible-payload'],
  indexes: [
    { key: { entity_type: 1, entity_id: 1, changed_at: -1 }, serves: 'listChangesOfEntity' },
    { key: { entity_type: 1, changed_at: -1 }, serves: 'listChangesOfType' },
    { key: { changed_by: 1, changed_at: -1 }, serves: 'listChangesByUser' },
    { key: { changed_at: -1 }, serves: 'listChangesInTime' },
    {
      key: { cause_id: 1, changed_at: 1 },
      partial: { cause_id: { $exists: true } },
      serves: 'listChangesOfCause',
    },
  ],
  shardKey: { entity_type: 1, entity_id: 1 },
})
@modelOptions({ options: { allowMixed: Severity.ALLOW } })
export class EntityChangelog {
  /** Derived from the position in the write-ahead log, so that a replay cannot double a change. */
  @prop({ type: String, required: true })
  _id!: string;

  /**
   * The table's name, with its schema unless that is `public`, parts with a dot or a quotation mark quoted; `*` for a
   * GAP in the log, which concerns all tables.
   */
  @prop({ type: String, required: true })
  entity_type!: string;

  /** The primary key as text, at the time of the change; `*` for a whole table. */
  @prop({ type: String, required: true })
  entity_id!: string;

  /** Set where the change concerns the whole table; the key of a row may be the text `*`, too. */
  @prop({ type: Boolean })
  whole_table?: boolean;

  @prop({ type: String, required: true, enum: changeOperations })
  operation!: ChangeOperation;

  /** Of a DELETE: the id under which the row goes on, in the INSERT that follows. One UPDATE changed its key. */
  @prop({ type: String })
  moved_to?: string;

  /** Of an INSERT: the id that the row had, in the DELETE before. */
  @prop({ type: String })
  moved_from?: string;

  /** The row before; null where there was none, and for a whole table. */
  @prop({ type: Schema.Types.Mixed })
  old_value?: Record<string, unknown> | null;

  /**
   * The row after; null on DELETE, TRUNCATE and DROP. A GAP says here why and, of the log, from where until where. A
   * RENAME has `renamed_to` or `renamed_from`, the entity type. An ALTER has `columns` (each with its `name`, with `was`
   * where it was called otherwise, with `added` and the `value` of existing rows where it is new, with `unknown` where
   * existing rows have other values now), the `dropped` ones and, where the key is another, `key`. A GAP after a type was
   * altered has `types_altered` and the `columns` whose values show otherwise.
   */
  @prop({ type: Schema.Types.Mixed })
  new_value?: Record<string, unknown> | null;

  @prop({ type: [String], required: true })
  changed_fields!: string[];

  /** Columns that an UPDATE may have changed: their values before are not in the log (replica identity not full). */
  @prop({ type: [String], default: undefined })
  uncertain_fields?: string[];

  /** Columns whose values were left out because the change is larger than a document may be. */
  @prop({ type: [String], default: undefined })
  omitted_fields?: string[];

  /** Columns that `new_value` lacks: not touched by the update, and not in the log (replica identity not full). */
  @prop({ type: [String], default: undefined })
  unchanged_fields?: string[];

  /** Columns of a deleted row that `old_value` lacks: not in the log (replica identity not full). */
  @prop({ type: [String], default: undefined })
  unknown_fields?: string[];

  /** The actor's user id, or the database user who logged in where the transaction named none (`unknown` if untold). */
  @prop({ type: String, required: true })
  changed_by!: string;

  /** Commit time of the transaction. */
  @prop({ type: Date, required: true })
  changed_at!: Date;

  @prop({ type: String })
  ip_address?: string;

  @prop({ type: String })
  session_id?: string;

  @prop({ type: String })
  cause_id?: string;

  @prop({ type: String })
  reason?: string;

  @prop({ type: String, required: true })
  schema_name!: string;

  @prop({ type: String, required: true })
  table_name!: string;

  /** PostgreSQL's transaction id. */
  @prop({ type: String, required: true })
  transaction_id!: string;

  /** Commit position in the write-ahead log, as PostgreSQL writes it. */
  @prop({ type: String, required: true })
  lsn!: string;

  /** Place within the transaction, from 0. */
  @prop({ type: Number, required: true, min: 0 })
  position!: number;

  /** Whether the transaction said who acts, or somebody wrote with plain SQL. */
  @prop({ type: String, required: true, enum: changeSources })
  source!: ChangeSource;
}
