import 'reflect-metadata';
import { between, Collection, growth, years } from '@infratraq/kernel';
import { prop } from '@typegoose/typegoose';
import { changeOperations } from './entity-changelog.js';

/** How a sensitive value is made safe to store: its outline, a keyed digest that tells equality, or nothing of it. */
export const fieldMaskings = ['partial', 'digest', 'full'] as const;
export type FieldMasking = (typeof fieldMaskings)[number];

/** What happened to a sensitive field: a change of its row, or that somebody was shown its values unmasked. */
export const fieldOperations = [...changeOperations, 'READ'] as const;
export type FieldOperation = (typeof fieldOperations)[number];

/**
 * One change of one sensitive field, or one reading of it unmasked.
 *
 * The values are masked, so that reading this trail reveals none of them; unmasked they are in `entity_changelog` alone.
 */
@Collection<FieldAuditLog>({
  name: 'field_audit_log',
  purpose: 'Field-level change tracking for sensitive fields',
  time: 'changed_at',
  retention: between(years(2), years(7)),
  archive: 'before-expiry',
  durability: 'journal-first',
  growth: growth('moderate', { documentBytes: 600, documentsPerDay: 10_000 }),
  traits: ['append-only'],
  indexes: [
    {
      key: { entity_type: 1, entity_id: 1, field: 1, changed_at: -1 },
      serves: 'listHistoryOfField',
    },
    { key: { change_id: 1, field: 1 }, serves: 'listFieldsOfChange' },
    { key: { changed_by: 1, changed_at: -1 }, serves: 'listFieldChangesByUser' },
  ],
  shardKey: { entity_type: 1, entity_id: 1 },
})
export class FieldAuditLog {
  /** The change's id and the field, so that a replay cannot double an entry; `read:` and a UUID for a READ. */
  @prop({ type: String, required: true })
  _id!: string;

  /** The `entity_changelog` document that this field changed in, or whose values were read. */
  @prop({ type: String, required: true })
  change_id!: string;

  @prop({ type: String, required: true })
  entity_type!: string;

  @prop({ type: String, required: true })
  entity_id!: string;

  /** The column; `*` for a GAP. */
  @prop({ type: String, required: true, maxlength: 500 })
  field!: string;

  @prop({ type: String, required: true, enum: fieldOperations })
  operation!: FieldOperation;

  @prop({ type: String, required: true, enum: fieldMaskings })
  masking!: FieldMasking;

  /** The masked value before; absent when the field held none. */
  @prop({ type: String, maxlength: 2_000 })
  old_value?: string;

  /** The masked value after; absent when the field holds none. */
  @prop({ type: String, maxlength: 2_000 })
  new_value?: string;

  /** Who changed it, or, for a READ, who read it. */
  @prop({ type: String, required: true })
  changed_by!: string;

  /** When it was changed or read. */
  @prop({ type: Date, required: true })
  changed_at!: Date;

  @prop({ type: Date })
  expires_at?: Date;

  @prop({ type: String })
  ip_address?: string;

  @prop({ type: String })
  session_id?: string;

  @prop({ type: String })
  cause_id?: string;

  @prop({ type: String })
  reason?: string;

  /** PostgreSQL's transaction id; absent for a READ. */
  @prop({ type: String })
  transaction_id?: string;
}
