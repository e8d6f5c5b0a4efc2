import type { Postgres } from '@infratraq/postgres';
import type pg from 'pg';
import type { ChangeSink } from '../sinks/change-sink.js';
import { ChangeBatch } from '../encoding/change-batch.js';
import { ChangeRefusedError } from '../sinks/create-mongo-change-sink.js';
import { listRefusedChanges } from './list-refused-changes.js';

export interface ReplayRefusedOptions {
  postgres: Pick<Postgres, 'pool'>;
  /** The changelog's: `createMongoChangeSink` without `onRejected`. */
  sink: ChangeSink;
  /** Only these; all by default. */
  changeIds?: readonly string[];
  /** Told of each that is stored, before it is forgotten here; must bear repetition. */
  onReplayed?: (changeId: string) => Promise<void>;
  /** Told of each that is refused again. */
  onRefused?: (changeId: string, error: ChangeRefusedError) => Promise<void>;
}

/** What became of the changes that waited. */
export interface RefusedReplay {
  replayed: number;
  refused: number;
}

/**
 * Offers the changelog once more what it has refused, in order. What it takes is stored as it was captured, under its own
 * id, exactly once however often this ends in the middle, and is given to every consumer that takes its table.
 */
export async function replayRefusedChanges(options: ReplayRefusedOptions): Promise<RefusedReplay> {
  const { postgres, changeIds } = options;
  const outcome = { replayed: 0, refused: 0 };
  const ids = changeIds ?? (await listRefusedChanges(postgres)).map(({ change_id }) => change_id);
  for (const id of ids) {
    const result = await replayAlone(options, id);
    if (result !== undefined) outcome[result] += 1;
  }
  return outcome;
}

/** Answers nothing when another process has replayed it, or is about to. */
async function replayAlone(
  { postgres, ...options }: ReplayRefusedOptions,
  changeId: string,
): Promise<keyof RefusedReplay | undefined> {
  const client = await postgres.pool.connect();
  let fault: Error | undefined;
  try {
    await client.query('begin');
    const { rows } = await client.query<{ content: Buffer }>(
      'select content from infratraq.capture_refused_change where change_id = $1 for update skip locked',
      [changeId],
    );
    const result = rows[0] && (await offer(client, options, changeId, rows[0].content));
    await client.query('commit');
    return result;
  } catch (error) {
    fault = error as Error;
    throw error;
  } finally {
    // A connection that failed in the middle is not used again; its transaction ends with it.
    client.release(fault);
  }
}

async function offer(
  client: pg.ClientBase,
  { sink, onReplayed, onRefused }: Omit<ReplayRefusedOptions, 'postgres'>,
  changeId: string,
  content: Buffer,
): Promise<keyof RefusedReplay> {
  try {
    await sink.write(new ChangeBatch(content, Uint32Array.of(content.length)));
  } catch (error) {
    if (!(error instanceof ChangeRefusedError)) throw error;
    await client.query(
      `update infratraq.capture_refused_change set attempts = attempts + 1, reason = $2 where change_id = $1`,
      [changeId, error.reason.slice(0, 1_000)],
    );
    await onRefused?.(changeId, error);
    return 'refused';
  }
  await onReplayed?.(changeId);
  // In one transaction: what is forgotten here has been asked for by everybody whose position has gone past it.
  await client.query(giveToConsumers, [changeId]);
  await client.query('delete from infratraq.capture_refused_change where change_id = $1', [changeId]);
  return 'replayed';
}

const giveToConsumers = `
  insert into infratraq.capture_consumer_replay (slot_name, consumer, change_id)
  select c.slot_name, c.consumer, r.change_id
  from infratraq.capture_refused_change r
  join infratraq.capture_position p on p.source = split_part(r.change_id, ':', 1)
  join infratraq.capture_consumer c on c.slot_name = p.slot_name
  where r.change_id = $1 and (c.entity_types is null or r.entity_type = any (c.entity_types) or r.entity_type = '*')
  on conflict do nothing`;
