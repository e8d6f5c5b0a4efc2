import 'reflect-metadata';
import { between, Collection, days, defineCategory, defineQuery, growth } from '@infratraq/kernel';
import { modelOptions, prop } from '@typegoose/typegoose';

@modelOptions({ schemaOptions: { _id: false } })
export class WorkPlace {
  @prop({ type: String, required: true })
  site!: string;

  @prop({ type: Number })
  level?: number;
}

/** A collection for this package's tests: it archives, has a range, a unique and a text index. */
@Collection<WorkRecord>({
  name: 'work_record',
  purpose: 'Work done on a site',
  time: 'done_at',
  retention: between(days(30), days(90)),
  archive: 'before-expiry',
  growth: growth('high', { documentBytes: 300, documentsPerDay: 1_000 }),
  traits: ['append-only', 'nested-fields'],
  indexes: [
    { key: { crew: 1, done_at: -1 }, serves: 'listWorkOfCrew' },
    { key: { number: 1 }, unique: true, serves: 'findWork' },
    { key: { 'place.site': 1, priority: -1, done_at: 1 }, serves: 'listWorkOnSite' },
    { key: { note: 'text' }, serves: 'searchWork' },
  ],
  shardKey: { number: 1 },
})
export class WorkRecord {
  @prop({ type: String, required: true })
  crew!: string;

  @prop({ type: Number, required: true })
  number!: number;

  @prop({ type: Date, required: true })
  done_at!: Date;

  @prop({ type: Number })
  priority?: number;

  @prop({ type: String })
  note?: string;

  @prop({ type: () => WorkPlace })
  place?: WorkPlace;

  @prop({ type: String })
  cause_id?: string;
}

export const workCategory = defineCategory({ name: 'work', collections: { WorkRecord } });

export const listWorkOfCrew = defineQuery(WorkRecord, {
  example: { crew: 'north' },
  shape: ({ crew }: { crew: string }) => ({ filter: { crew }, sort: { done_at: -1 } }),
});

export const findWork = defineQuery(WorkRecord, {
  example: { number: 1 },
  shape: ({ number }: { number: number }) => ({ filter: { number } }),
});

export const listWorkOnSite = defineQuery(WorkRecord, {
  example: { site: 'bridge' },
  shape: ({ site }: { site: string }) => ({
    filter: { 'place.site': site },
    sort: { priority: -1, done_at: 1 },
  }),
});

/** @public Served by the index on `note`. */
export const searchWork = defineQuery(WorkRecord, {
  example: { words: 'concrete' },
  shape: ({ words }: { words: string }) => ({
    filter: { $text: { $search: words } },
    sort: { score: { $meta: 'textScore' } },
  }),
});
