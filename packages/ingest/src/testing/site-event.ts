import 'reflect-metadata';
import { Collection, days, expiresAfter, growth } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';

/** A collection for this package's tests: stamped by actor and time, with a business key that is unique. */
@Collection<SiteEvent>({
  name: 'site_event',
  purpose: 'What happens on a site',
  time: 'happened_at',
  retention: expiresAfter(days(30)),
  archive: 'never',
  growth: growth('high', { documentBytes: 300, documentsPerDay: 1_000 }),
  traits: ['append-only'],
  indexes: [{ key: { number: 1 }, unique: true, serves: 'findSiteEvent' }],
  shardKey: { number: 1 },
})
@modelOptions({ options: { allowMixed: Severity.ALLOW } })
export class SiteEvent {
  @prop({ type: Number, required: true })
  number!: number;

  @prop({ type: String, required: true, maxlength: 100 })
  site!: string;

  @prop({ type: Date, required: true })
  happened_at!: Date;

  @prop({ type: String })
  user_id?: string;

  @prop({ type: String })
  cause_id?: string;

  @prop({ type: Schema.Types.Mixed })
  details?: Record<string, unknown>;
}
