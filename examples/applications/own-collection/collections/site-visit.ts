import 'reflect-metadata';
import { Collection, days, expiresAfter, growth } from '@infratraq/kernel';
import { prop } from '@typegoose/typegoose';

/** A person's visit to a site. */
@Collection<SiteVisit>({
  name: 'site_visit',
  purpose: 'Visits to sites',
  time: 'arrived_at',
  retention: expiresAfter(days(365)),
  archive: 'never',
  growth: growth('moderate', { documentBytes: 300, documentsPerDay: 2_000 }),
  traits: ['append-only'],
  indexes: [{ key: { site: 1, arrived_at: -1 }, serves: 'listVisitsToSite' }],
  shardKey: { site: 1 },
})
export class SiteVisit {
  @prop({ type: String, required: true, maxlength: 100 })
  site!: string;

  @prop({ type: String, required: true, maxlength: 200 })
  visitor_id!: string;

  @prop({ type: Date, required: true })
  arrived_at!: Date;

  @prop({ type: String, enum: ['inspection', 'delivery', 'work'], required: true })
  purpose!: 'inspection' | 'delivery' | 'work';
}
