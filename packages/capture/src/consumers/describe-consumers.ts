import type { Postgres } from '@infratraq/postgres';
import type { Connection } from 'mongoose';
import { resolveCaptureNames, type CaptureNames } from '../slots/capture-names.js';
import { hasCaptureTables } from '../preparation/capture-tables.js';
import { ChangeLog } from './change-log.js';
import { readSources } from './consumer-position.js';

/** State of a consumer, whichever process runs it. */
export interface ConsumerDescription {
  name: string;
  /** Id of the last handled change; empty before the first. */
  position: string;
  /** Backend process id and host of the session that runs it; null when none does. */
  active: { pid: number; host: string | null } | null;
  /** Waiting changes, counted up to `countedChanges`. */
  lag_changes: number;
  /** Age of the oldest waiting change, in seconds; 0 when none waits. */
  lag_seconds: number;
  advanced_at: Date | null;
  /** The error that stops it, and since when. */
  fault: string | null;
  faulty_since: Date | null;
  /** Requested replays that are not handled yet. */
  replays: number;
}

/** Upper limit of `lag_changes`. */
export const countedChanges = 1_000;

/** Lists every consumer that ever ran, and how far it is behind the changelog. */
export async function describeConsumers(
  postgres: Postgres,
  connection: Connection,
  { collectionName, ...names }: Partial<CaptureNames> & { collectionName?: string } = {},
): Promise<ConsumerDescription[]> {
  const { slot } = resolveCaptureNames(postgres, names);
  if (!(await hasCaptureTables(postgres.pool))) return [];
  const { rows } = await postgres.pool.query<ConsumerFacts>(consumersQuery, [slot]);
  const log = new ChangeLog(connection, collectionName);
  const descriptions: ConsumerDescription[] = [];
  for (const { pid, host, entity_types, replays, ...facts } of rows) {
    const waiting = await log.countNext({
      position: facts.position,
      sources: await readSources(postgres.pool, slot, facts),
      entityTypes: entity_types ?? undefined,
      limit: countedChanges,
    });
    descriptions.push({
      ...facts,
      active: pid === null ? null : { pid, host },
      lag_changes: waiting.changes,
      lag_seconds:
        waiting.oldest === undefined ? 0 : Math.max(0, (Date.now() - waiting.oldest.getTime()) / 1000),
      replays: Number(replays),
    });
  }
  return descriptions;
}

interface ConsumerFacts {
  name: string;
  position: string;
  entity_types: string[] | null;
  advanced_at: Date | null;
  fault: string | null;
  faulty_since: Date | null;
  replays: string;
  pid: number | null;
  host: string | null;
}

const consumersQuery = `
  select c.consumer as name, c.position, c.entity_types, c.advanced_at, c.fault, c.faulty_since,
    (select count(*) from infratraq.capture_consumer_replay r
     where (r.slot_name, r.consumer) = (c.slot_name, c.consumer))::text as replays,
    a.pid, host(a.client_addr) as host
  from infratraq.capture_consumer c
  left join pg_locks l on l.locktype = 'advisory' and l.granted and l.objsubid = 1
    and l.database = (select oid from pg_database where datname = current_database())
    and (l.classid::bigint << 32 | l.objid::bigint)
      = hashtextextended('infratraq capture consumer ' || c.consumer || ' of ' || c.slot_name, 0)
  left join pg_stat_activity a on a.pid = l.pid
  where c.slot_name = $1
  order by 1`;
