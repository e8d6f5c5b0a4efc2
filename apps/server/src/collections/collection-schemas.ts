import { lifecycleStates } from '@infratraq/kernel';
import { plainText, timestamp } from '@infratraq/transport';
import { z } from 'zod';

const state = z.enum(lifecycleStates);

const collection = z.object({
  name: z.string(),
  category: z.string(),
  purpose: z.string(),
  state,
  documents: z.int(),
  size_bytes: z.int(),
  size_is_estimated: z
    .boolean()
    .describe('The engine reports no sizes; this one is estimated from a sample of documents'),
  counted_at: timestamp.describe(
    'When documents and size were so: some engines count one by one, and then one server counts for all now and then',
  ),
  expected_bytes: z
    .int()
    .describe('Size at the end of a full retention period, or after a year where retention is permanent'),
  warn_bytes: z.int().describe('Monitoring reports a collection larger than this'),
  retention: z.string(),
  retention_kind: z.enum(['permanent', 'fixed', 'range']),
  growth: z.object({
    pattern: z.enum(['low', 'moderate', 'high']),
    document_bytes: z.number(),
    documents_per_day: z.number(),
  }),
  archive: z.enum(['before-expiry', 'never']).nullable(),
  events: z
    .object({ recorded: z.int(), written: z.int(), rejected: z.int() })
    .describe('Events recorded for this collection by this server since it started'),
});

const collectionSchema = collection.meta({ id: 'Collection' });

export const collectionListSchema = z
  .object({
    categories: z.array(z.object({ name: z.string(), collections: z.array(collectionSchema) })),
    totals: z.object({
      collections: z.int(),
      documents: z.int(),
      size_bytes: z.int(),
      size_is_estimated: z.boolean().describe('Whether any of the sizes is an estimate'),
      events_recorded: z.int(),
    }),
    engine: z.object({
      name: z.string(),
      version: z.string(),
      missing: z.array(z.string()).describe('What this engine lacks, in words'),
    }),
    indexes: z
      .object({
        pending: z.array(z.string()).describe('Indexes that are still to be built, one line each'),
        building: z
          .object({
            collection: z.string(),
            index: z.string(),
            started_at: timestamp,
            done: z.int().nullable().describe('Documents read so far; null where the engine does not say'),
            total: z.int().nullable(),
          })
          .nullable(),
      })
      .describe('What a server builds in the background, because its collection is large'),
    as_of: timestamp,
  })
  .meta({ id: 'StoreOverview' });

export const collectionDetailSchema = collection
  .extend({
    indexes: z.array(
      z.object({
        name: z.string(),
        key: z.record(z.string(), z.union([z.number(), z.string()])),
        serves: z.string(),
        unique: z.boolean(),
        expire_after_seconds: z.int().nullable(),
      }),
    ),
    next_states: z.array(state),
    history: z.array(
      z.object({ from: state, to: state, changed_by: z.string(), changed_at: timestamp, reason: z.string() }),
    ),
  })
  .meta({ id: 'CollectionDetail' });

export const transitionSchema = z.strictObject({
  to: state,
  reason: plainText({ characters: 500, lines: true }).trim().min(3).describe('Why; kept in the history'),
});
