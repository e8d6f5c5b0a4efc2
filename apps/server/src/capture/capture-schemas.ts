import { timestamp } from '@infratraq/transport';
import { z } from 'zod';

const session = z.object({
  pid: z.int().describe('Process id of its session in PostgreSQL'),
  host: z.string().nullable(),
});

/** State of change capture. */
export const captureStatusSchema = z
  .object({
    slot: z.string(),
    source: z.string().nullable().describe('First part of the ids of changes; null before preparation'),
    exists: z.boolean().describe('Whether the slot exists in PostgreSQL'),
    active: z.boolean().describe('Whether a process streams from it'),
    wal_status: z
      .string()
      .nullable()
      .describe('`reserved`, `extended`, `unreserved` (about to be lost) or `lost`; null without a slot'),
    invalidation_reason: z.string().nullable().describe('Why PostgreSQL invalidated the slot'),
    confirmed_lsn: z.string().nullable().describe('Everything before it is stored'),
    current_lsn: z.string().describe('Current WAL position'),
    lag_bytes: z.number().describe('WAL that is not stored in the changelog yet'),
    retained_bytes: z.number().describe('WAL that PostgreSQL keeps for the slot'),
    safe_bytes: z
      .number()
      .nullable()
      .describe('WAL that may still be written before PostgreSQL invalidates the slot; null without a limit'),
    leader: session.extend({ since: timestamp }).nullable().describe('Leading session; null when none leads'),
    snapshots: z.array(
      z.object({
        table: z.string(),
        state: z.enum(['pending', 'running', 'done']),
        rows_done: z.number(),
        estimated_rows: z.number(),
        rows_skipped: z.number().describe('Rows that others hold locked; they are read again'),
      }),
    ),
  })
  .meta({ id: 'CaptureStatus' });

export const coverageStates = ['captured', 'excluded', 'broken'] as const;

/** Coverage of one table. */
export const tableCoverageSchema = z
  .object({
    table: z.string().describe('With its schema'),
    state: z.enum(coverageStates).describe('`broken`: changes are missed, or arrive without the row before'),
    reason: z.string().optional().describe('Why it is excluded, or what is broken and how to mend it'),
  })
  .meta({ id: 'TableCoverage' });

/** One consumer of changes. */
export const changeConsumerSchema = z
  .object({
    name: z.string(),
    position: z.string().describe('Id of the last handled change; empty before the first'),
    active: session.nullable().describe('Session that runs it; null when none does'),
    lag_changes: z.int().describe('Waiting changes, counted up to 1000'),
    lag_seconds: z.number().describe('Age of the oldest waiting change; 0 when none waits'),
    advanced_at: timestamp.nullable(),
    fault: z.string().nullable().describe('The error that stops it'),
    faulty_since: timestamp.nullable(),
    replays: z.int().describe('Requested replays that are not handled yet'),
    dead_letters: z.int().describe('Open dead letters: changes that it rejected'),
  })
  .meta({ id: 'ChangeConsumer' });

/** A change that the changelog refused. */
export const refusedChangeSchema = z
  .object({
    change_id: z.string(),
    entity_type: z.string(),
    refused_at: timestamp,
    attempts: z.int(),
    reason: z.string().describe('Why it was refused the last time; holds no value of the change'),
  })
  .meta({ id: 'RefusedChange' });
