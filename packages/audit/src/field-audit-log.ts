import 'reflect-metadata';
import { between, Collection, growth, years } from '@infratraq/kernel';
import { prop } from '@typegoose/typegoose';
import { changeOperations, type ChangeOperation } from './entity-changelog.js';

/** How a sensitive value is made safe to store: its outline, a keyed digest that tells equality, or nothing of it. */
export const fieldMaskings = ['partial', 'digest', 'full'] as const;
export type FieldMasking = (typeof fieldMaskings)[number];

/** One change of one sensitive field; the values are masked, so that reading the trail reveals none of them. */
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
  /** The change's id and the field, so that a replay cannot double an entry. */
  @prop({ type: String, required: true })
  _id!: string;

  /** The `entity_changelog` document that this field changed in. */
  @prop({ type: String, required: true })
  change_id!: string;

  @prop({ type: String, required: true })
  entity_type!: string;

  @prop({ type: String, required: true })
  entity_id!: string;

  /** The column, or the dotted path within a JSON column. */
  @prop({ type: String, required: true, maxlength: 500 })
  field!: string;

  @prop({ type: String, required: true, enum: changeOperations })
  operation!: ChangeOperation;

  @prop({ type: String, required: true, enum: fieldMaskings })
  masking!: FieldMasking;

  /** The masked value before; absent when the field held none. */
  @prop({ type: String, maxlength: 2_000 })
  old_value?: string;

  /** The masked value after; absent when the field holds none. */
  @prop({ type: String, maxlength: 2_000 })
  new_value?: string;

  @prop({ type: String, required: true })
  changed_by!: string;

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

  /** PostgreSQL's transaction id. */
  @prop({ type: String, required: true })
  transaction_id!: string;
}
