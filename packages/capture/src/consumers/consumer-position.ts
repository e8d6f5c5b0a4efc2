import { withholdValues } from '@infratraq/kernel';
import type pg from 'pg';
import type { ChangeConsumer } from './change-consumer.js';
import { findEnd, type ChangeSource } from './change-log.js';

/** Where a consumer stands, and what there is to read. */
export interface ConsumerTurn {
  readonly position: string;
  /** From the one that the position is in on, oldest first. */
  readonly sources: readonly ChangeSource[];
  /** Changes that somebody asked to be given once more. */
  readonly replays: readonly string[];
}

const replaysAtOnce = 100;

/** A consumer's position as PostgreSQL keeps it. */
export class ConsumerPosition {
  readonly #client: pg.ClientBase;
  readonly #slot: string;
  readonly #name: string;

  constructor(client: pg.ClientBase, slot: string, name: string) {
    this.#client = client;
    this.#slot = slot;
    this.#name = name;
  }

  /** Makes the position where there is none yet. */
  async register({ startAt = 'beginning', entityTypes }: ChangeConsumer): Promise<void> {
    const sources = startAt === 'now' ? await readSources(this.#client, this.#slot) : [];
    const last = sources.at(-1);
    await this.#client.query(
      `insert into infratraq.capture_consumer (slot_name, consumer, entity_types, position) values ($1, $2, $3, $4)
       on conflict (slot_name, consumer) do update set entity_types = excluded.entity_types`,
      [this.#slot, this.#name, entityTypes ?? null, last === undefined ? '' : findEnd(last)],
    );
  }

  /**
   * Answers what is next; positions are read each time, for a replay may have moved them. `storedLsn` is how far
   * capture is where that is known sooner than it is remembered.
   */
  async readTurn(storedLsn?: string): Promise<ConsumerTurn> {
    const { rows } = await this.#client.query<{ position: string; replays: string[] }>(
      `select position, array(
         select change_id from infratraq.capture_consumer_replay r
         where (r.slot_name, r.consumer) = (c.slot_name, c.consumer) order by change_id limit ${replaysAtOnce}
       ) as replays
       from infratraq.capture_consumer c where slot_name = $1 and consumer = $2`,
      [this.#slot, this.#name],
    );
    const { position = '', replays = [] } = rows[0] ?? {};
    return {
      position,
      replays,
      sources: await readSources(this.#client, this.#slot, { position, storedLsn }),
    };
  }

  /** Moves on, unless somebody has moved the position meanwhile: then that holds. */
  async advance(from: string, to: string): Promise<void> {
    await this.#client.query(
      `update infratraq.capture_consumer
       set position = $4, advanced_at = now(), fault = null, faulty_since = null
       where slot_name = $1 and consumer = $2 and position = $3`,
      [this.#slot, this.#name, from, to],
    );
  }

  async endReplays(changeIds: readonly string[]): Promise<void> {
    await this.#client.query(
      `delete from infratraq.capture_consumer_replay
       where slot_name = $1 and consumer = $2 and change_id = any ($3)`,
      [this.#slot, this.#name, changeIds],
    );
  }

  /** Notes what keeps the consumer from going on. */
  async noteFault(error: unknown): Promise<void> {
    await this.#client.query(
      `update infratraq.capture_consumer set fault = $3, faulty_since = coalesce(faulty_since, now())
       where slot_name = $1 and consumer = $2`,
      [
        this.#slot,
        this.#name,
        withholdValues(error instanceof Error ? error.message : String(error)).slice(0, 1_000),
      ],
    );
  }
}

/** Answers the sources of a slot from a position on, oldest first, and how far each may be read. */
export async function readSources(
  client: Pick<pg.ClientBase, 'query'>,
  slot: string,
  { position = '', storedLsn }: { position?: string; storedLsn?: string | undefined } = {},
): Promise<ChangeSource[]> {
  const { rows } = await client.query<{ source: string; confirmed_lsn: string | null }>(
    `select source,
       case when ended_at is null then greatest(confirmed_lsn, $3::pg_lsn, '0/0')::text end as confirmed_lsn
     from infratraq.capture_position
     where slot_name = $1 and source collate "C" >= $2 order by source collate "C"`,
    [slot, position.split(/[:;]/)[0], storedLsn ?? null],
  );
  return rows.map(({ source, confirmed_lsn }) => ({ source, confirmed_lsn: confirmed_lsn ?? undefined }));
}
