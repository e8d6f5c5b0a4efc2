import 'reflect-metadata';
import { Collection, days, expiresAfter, growth } from '@infratraq/kernel';
import { prop } from '@typegoose/typegoose';

/** A journal-first collection for this package's tests; nothing in it is unique, so that a doubled record would show. */
@Collection<SiteRecord>({
  name: 'site_record',
  purpose: 'What must be known of a site',
  time: 'recorded_at',
  retention: expiresAfter(days(30)),
  archive: 'never',
  durability: 'journal-first',
  growth: growth('moderate', { documentBytes: 200, documentsPerDay: 1_000 }),
  traits: ['append-only'],
  indexes: [],
  shardKey: { number: 1 },
})
export class SiteRecord {
  @prop({ type: Number, required: true })
  number!: number;

  @prop({ type: Date, required: true })
  recorded_at!: Date;
}

/** The same, buffered. */
@Collection<SiteNote>({
  name: 'site_note',
  purpose: 'What is noted of a site',
  time: 'recorded_at',
  retention: expiresAfter(days(30)),
  archive: 'never',
  growth: growth('moderate', { documentBytes: 200, documentsPerDay: 1_000 }),
  traits: ['append-only'],
  indexes: [],
  shardKey: { number: 1 },
})
export class SiteNote {
  @prop({ type: Number, required: true })
  number!: number;

  @prop({ type: Date, required: true })
  recorded_at!: Date;
}
