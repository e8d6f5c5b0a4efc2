import { withSession, type Postgres } from '@infratraq/postgres';
import type pg from 'pg';
import type { KeptSeal, SealHead, SealingTurn, SealKeeper } from '../seals/seal-ports.js';

const columns = `sequence::float8 as sequence, first_id, last_id, change_count, merkle_root, previous_head, chain_head,
  sealed_at, packed_changes`;
const lockName = 'infratraq.audit_seal';

/** Binds the repository of seals to a connection. */
export function createAuditSealRepository(postgres: Pick<Postgres, 'pool' | 'connection'>): SealKeeper {
  const { pool } = postgres;
  const list = async (condition: string, values: unknown[]): Promise<KeptSeal[]> => {
    const found = await pool.query<KeptSeal>(
      `select ${columns} from infratraq.audit_seal where ${condition}`,
      values,
    );
    return found.rows;
  };
  return {
    // Over a session of its own: sealing reads MongoDB, and asks the pool, while it holds the lock.
    takeTurn: (work) =>
      withSession(postgres, 'sealing', async (client) => {
        await client.query('begin');
        const { rows } = await client.query<{ mine: boolean }>(
          'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as mine',
          [lockName],
        );
        const result = rows[0]?.mine ? await work(await readTurn(client)) : undefined;
        // A session that fails before this ends, and its transaction with it.
        await client.query('commit');
        return result;
      }),
    readHead: () => readHead(pool),
    async readProgress() {
      const { rows } = await pool.query<{ sealed_at: Date | null; complete_at: Date | null }>(
        `select (select sealed_at from infratraq.audit_seal order by sequence desc limit 1),
           (select complete_at from infratraq.audit_seal_head)`,
      );
      const { sealed_at, complete_at } = rows[0]!;
      return { ...(sealed_at && { sealed_at }), ...(complete_at && { complete_at }) };
    },
    list: (after, limit) => list('sequence > $1 order by sequence limit $2', [after, limit]),
    findSealOf: async (changeId) =>
      (await list('last_id >= $1 and first_id <= $1 order by last_id limit 1', [changeId]))[0],
    listUnpublished: (limit) => list('published_at is null order by sequence limit $1', [limit]),
    async markPublished(sequence) {
      await pool.query('update infratraq.audit_seal set published_at = now() where sequence = $1', [
        sequence,
      ]);
    },
    async listSources() {
      if (!(await isCapturePrepared(pool))) return [];
      const { rows } = await pool.query<{ source: string; written: string | null }>(
        `select source, case when ended_at is null then pg_current_wal_lsn()::text end as written
         from infratraq.capture_position`,
      );
      return rows.map(({ source, written }) => ({
        source,
        written: written === null ? undefined : writePosition(written),
      }));
    },
  };
}

async function readTurn(client: pg.ClientBase): Promise<SealingTurn> {
  return {
    last: await readHead(client),
    sealableBelow: await readConfirmedId(client),
    async append(seal) {
      const { sequence, first_id, last_id, change_count, merkle_root } = seal;
      const { previous_head, chain_head, sealed_at, packed_changes } = seal;
      await client.query(
        `with head as (
           insert into infratraq.audit_seal_head (sequence, last_id, chain_head) values ($1, $3, $7)
           on conflict (only_row) do update
             set (sequence, last_id, chain_head) = (excluded.sequence, excluded.last_id, excluded.chain_head))
         insert into infratraq.audit_seal (sequence, first_id, last_id, change_count, merkle_root, previous_head,
           chain_head, sealed_at, packed_changes)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          sequence,
          first_id,
          last_id,
          change_count,
          merkle_root,
          previous_head,
          chain_head,
          sealed_at,
          packed_changes,
        ],
      );
    },
    async noteComplete() {
      // Several processes seal at their intervals: the row is written no more often than somebody could care.
      await client.query(
        `insert into infratraq.audit_seal_head as head (complete_at) values (now())
         on conflict (only_row) do update set complete_at = now()
         where head.complete_at is null or head.complete_at not between now() - interval '10 seconds' and now()`,
      );
    },
  };
}

/** The head that is kept, or the newest seal where there is no head, or an older one. */
async function readHead(client: Pick<pg.ClientBase, 'query'>): Promise<SealHead | undefined> {
  const { rows } = await client.query<SealHead>(
    `select sequence::float8 as sequence, last_id, chain_head from (
       (select sequence, last_id, chain_head, 1 as rank from infratraq.audit_seal order by sequence desc limit 1)
       union all
       select sequence, last_id, chain_head, 2 from infratraq.audit_seal_head where sequence > 0
     ) found order by found.sequence desc, rank limit 1`,
  );
  return rows[0];
}

/** Ids are `<source>:<commit position, 16 hex digits>:…`; nothing can be stored any more below what is confirmed. */
async function readConfirmedId(client: pg.ClientBase): Promise<string | undefined> {
  if (!(await isCapturePrepared(client))) return undefined;
  const { rows } = await client.query<{ source: string; lsn: string | null }>(
    `select source, confirmed_lsn::text as lsn from infratraq.capture_position
     where ended_at is null order by source collate "C" limit 1`,
  );
  const [position] = rows;
  return position?.lsn ? `${position.source}:${writePosition(position.lsn)}` : undefined;
}

async function isCapturePrepared(client: Pick<pg.ClientBase, 'query'>): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('infratraq.capture_position') is not null as there`,
  );
  return rows[0]?.there === true;
}

/** A position in the log (`0/1A2B3C4`) as ids of changes have it. */
function writePosition(lsn: string): string {
  return lsn
    .split('/')
    .map((half) => half.toLowerCase().padStart(8, '0'))
    .join('');
}
