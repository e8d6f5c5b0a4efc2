import 'reflect-metadata';
import { Collection, days, expiresAfter, growth, Redact } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';

/** Where in the application something was done. */
@modelOptions({ schemaOptions: { _id: false } })
export class BenchPage {
  @prop({ type: String, required: true, maxlength: 2_000, match: /^[^?#]*$/ })
  path!: string;

  @prop({ type: String, maxlength: 500 })
  title?: string;
}

/** An event of the usual kind: about 500 bytes, three indexes, a nested type, free-form content, personal fields. */
@Collection<BenchEvent>({
  name: 'bench_event',
  purpose: 'Events that the benchmark records',
  time: 'occurred_at',
  retention: expiresAfter(days(90)),
  archive: 'never',
  growth: growth('high', { documentBytes: 500, documentsPerDay: 250_000 }),
  traits: ['append-only', 'variable-schema', 'flexible-payload'],
  indexes: [{ key: { user_id: 1, occurred_at: -1 }, serves: 'listEventsOfUser' }],
  shardKey: { user_id: 'hashed' },
})
@modelOptions({ options: { allowMixed: Severity.ALLOW } })
export class BenchEvent {
  @prop({ type: Date, required: true })
  occurred_at!: Date;

  @prop({ type: String, required: true, maxlength: 200 })
  user_id!: string;

  @prop({ type: String, maxlength: 200 })
  session_id?: string;

  @prop({ type: String, required: true, match: /^[a-z][a-z0-9_.:-]{0,99}$/ })
  event_type!: string;

  @prop({ type: String, maxlength: 100, enum: ['contracts', 'inspections', 'assets'] })
  module?: string;

  @prop({ type: () => BenchPage })
  page?: BenchPage;

  @prop({ type: Number, min: 0, max: 86_400_000 })
  duration_ms?: number;

  @prop({ type: String, maxlength: 200 })
  entity_type?: string;

  @prop({ type: String, maxlength: 1_000 })
  entity_id?: string;

  @Redact('hash')
  @prop({ type: String, maxlength: 100 })
  ip_address?: string;

  @Redact('secrets')
  @prop({ type: Schema.Types.Mixed })
  properties?: Record<string, unknown>;

  @prop({ type: String, maxlength: 200 })
  cause_id?: string;
}

/** The same events, journal-first. */
@Collection<BenchRecord>({
  name: 'bench_record',
  purpose: 'Records that the benchmark keeps',
  time: 'occurred_at',
  retention: expiresAfter(days(90)),
  archive: 'never',
  durability: 'journal-first',
  growth: growth('high', { documentBytes: 500, documentsPerDay: 250_000 }),
  traits: ['append-only', 'variable-schema', 'flexible-payload'],
  indexes: [{ key: { user_id: 1, occurred_at: -1 }, serves: 'listRecordsOfUser' }],
  shardKey: { user_id: 'hashed' },
})
@modelOptions({ options: { allowMixed: Severity.ALLOW } })
export class BenchRecord extends BenchEvent {}

const modules = ['contracts', 'inspections', 'assets'] as const;

/** The event that every contender stores as number `index`: 507 bytes of BSON with its id. */
export function makeEvent(index: number): Omit<BenchEvent, '_id'> {
  const user = index % 500;
  return {
    occurred_at: new Date(1_790_000_000_000 + index),
    user_id: `user-${String(user).padStart(6, '0')}`,
    session_id: `session-${String(index % 2_000).padStart(24, '0')}`,
    event_type: 'page:viewed',
    module: modules[index % 3]!,
    page: {
      path: `/projects/${String(index % 90).padStart(4, '0')}/inspections`,
      title: 'Inspections of a project',
    },
    duration_ms: index % 60_000,
    entity_type: 'inspection',
    entity_id: String(100_000 + (index % 10_000)),
    ip_address: `198.51.${user >> 8}.${user & 255}`,
    properties: { filter: 'overdue', columns: ['asset', 'due', 'inspector'], page_size: 50, sort: 'due' },
    cause_id: `3f2b8c1e-5a77-4d0b-9c1d-${String(index).padStart(12, '0')}`,
  };
}
