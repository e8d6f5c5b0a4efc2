import type { Postgres } from '@infratraq/postgres';
import { resolveCaptureNames, type CaptureNames } from './capture-names.js';

/** State of the replication slot, by PostgreSQL and by capture's own tables. */
export interface SlotDescription {
  slot: string;
  /** First part of the ids of changes captured now; null before preparation. */
  source: string | null;
  /** Whether the slot exists in PostgreSQL. */
  exists: boolean;
  /** Whether a process streams from it. */
  active: boolean;
  /** `reserved`, `extended`, `unreserved` (about to be lost) or `lost`, as PostgreSQL tells it. */
  wal_status: string | null;
  /** Why PostgreSQL invalidated the slot (17 and later). */
  invalidation_reason: string | null;
  /** Everything before it is stored; PostgreSQL may remove older log. */
  confirmed_lsn: string | null;
  /** Current WAL position. */
  current_lsn: string;
  /** Log that is not stored in the changelog yet, in bytes. */
  lag_bytes: number;
  /** Log that PostgreSQL keeps for the slot, in bytes. */
  retained_bytes: number;
  /** Bytes of log that PostgreSQL may still write before it invalidates the slot; null without a limit. */
  safe_bytes: number | null;
  /** Backend process id and host of the leading session; null when none leads. */
  leader: { pid: number; host: string | null; since: Date } | null;
}

/** Reads the state of the slot. */
export async function describeSlot(
  postgres: Postgres,
  names?: Partial<CaptureNames>,
): Promise<SlotDescription> {
  const { slot } = resolveCaptureNames(postgres, names);
  const there = await postgres.pool.query<{ there: boolean }>(
    `select to_regclass('infratraq.capture_position') is not null as there`,
  );
  const position = there.rows[0]?.there
    ? await postgres.pool.query<{ source: string }>(
        'select source from infratraq.capture_position where slot_name = $1 and ended_at is null',
        [slot],
      )
    : undefined;
  const { rows } = await postgres.pool.query<SlotFacts>(slotQuery, [slot]);
  const facts = rows[0] as SlotFacts;
  return {
    slot,
    source: position?.rows[0]?.source ?? null,
    exists: facts.exists,
    active: facts.active,
    wal_status: facts.wal_status,
    invalidation_reason: facts.invalidation_reason,
    confirmed_lsn: facts.confirmed_lsn,
    current_lsn: facts.current_lsn,
    lag_bytes: Math.max(0, Number(facts.lag_bytes ?? 0)),
    retained_bytes: Math.max(0, Number(facts.retained_bytes ?? 0)),
    safe_bytes: facts.safe_bytes === null ? null : Number(facts.safe_bytes),
    leader: facts.pid === null ? null : { pid: facts.pid, host: facts.host, since: facts.since as Date },
  };
}

interface SlotFacts {
  exists: boolean;
  active: boolean;
  wal_status: string | null;
  invalidation_reason: string | null;
  confirmed_lsn: string | null;
  current_lsn: string;
  lag_bytes: string | null;
  retained_bytes: string | null;
  safe_bytes: string | null;
  pid: number | null;
  host: string | null;
  since: Date | null;
}

// What the reader has reported as written is stored; the slot's own position follows once that is remembered.
const slotQuery = `
  select s.slot_name is not null as exists, coalesce(s.active, false) as active, s.wal_status,
    to_jsonb(s) ->> 'invalidation_reason' as invalidation_reason,
    s.confirmed_flush_lsn::text as confirmed_lsn, pg_current_wal_lsn()::text as current_lsn,
    (pg_current_wal_lsn() - greatest(s.confirmed_flush_lsn, r.write_lsn))::text as lag_bytes,
    (pg_current_wal_lsn() - s.restart_lsn)::text as retained_bytes, s.safe_wal_size::text as safe_bytes,
    a.pid, host(a.client_addr) as host, a.backend_start as since
  from (select 1) one
  left join pg_replication_slots s on s.slot_name = $1 and s.database = current_database()
  left join pg_stat_replication r on r.pid = s.active_pid
  left join pg_locks l on l.locktype = 'advisory' and l.granted and l.objsubid = 1
    and l.database = (select oid from pg_database where datname = current_database())
    and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('infratraq capture ' || $1, 0)
  left join pg_stat_activity a on a.pid = l.pid`;
