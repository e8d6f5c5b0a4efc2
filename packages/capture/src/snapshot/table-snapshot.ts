import type pg from 'pg';
import { describeSnapshotTable, quoteColumn, type SnapshotTable } from './describe-snapshot-table.js';
import { quoteTable, type TableName } from '../scope/table-name.js';
import type { CapturePosition } from '../slots/capture-position.js';
import { emitBeginning, emitReader, emitRows, type RowEmitter } from './emit-rows.js';
import { columnsOf, queryTexts, takeChunk, takeRow, type KeyValues } from './take-chunk.js';

/** What one step did. */
export interface StepOutcome {
  state: 'running' | 'done' | 'gone' | 'locked';
  rows: number;
  /** Bytes that the step wrote into the log. */
  bytes: number;
}

interface SavedKey {
  columns: string[];
  values: KeyValues;
}

/** How long a step waits for a lock that somebody else holds, in milliseconds: shorter than PostgreSQL's `deadlock_timeout`. */
const lockMilliseconds = 500;
const rowsInFetch = 500;

/**
 * Reads one table into the log, a transaction at a time; each saves its progress with what it writes, so that a crash
 * neither loses nor doubles any of it.
 */
export class TableSnapshot {
  readonly #client: pg.ClientBase;
  readonly #publication: string;
  readonly #name: TableName;
  readonly #emitter: RowEmitter;
  readonly #place: string[];

  constructor(
    client: pg.ClientBase,
    publication: string,
    position: Pick<CapturePosition, 'source' | 'message_secret'>,
    name: TableName,
  ) {
    this.#client = client;
    this.#publication = publication;
    this.#name = name;
    this.#emitter = { client, secret: position.message_secret };
    this.#place = [position.source, name.schema, name.table];
  }

  /** Takes the next `limit` rows by key; of a table without a key, all. */
  takeNext(limit: number): Promise<StepOutcome> {
    return this.#inTransaction(async (table, saved) => {
      if (table.key.length === 0) return this.#takeWhole(table);
      const columns = table.key.map(({ name }) => name);
      // A key that was changed meanwhile: from the beginning.
      const after = saved?.columns.join() === columns.join() ? saved?.values : undefined;
      const { rows, bytes, lastKey, skipped } = await takeChunk(this.#emitter, table, after, limit);
      for (const key of skipped) {
        await this.#client.query(
          `insert into infratraq.capture_snapshot_skipped values ($1, $2, $3, $4) on conflict do nothing`,
          [...this.#place, JSON.stringify(key)],
        );
      }
      if (lastKey !== undefined) {
        await this.#save(rows, { columns, values: lastKey });
        return { state: 'running', rows, bytes };
      }
      const left = await this.#findSkipped();
      if (left.length === 0) await this.#finish(0);
      return { state: left.length === 0 ? 'done' : 'locked', rows: 0, bytes: 0 };
    });
  }

  /** Goes through the rows that others held, each in a transaction of its own that holds nothing while it waits. */
  async takeSkipped(signal: AbortSignal): Promise<number> {
    let rows = 0;
    for (const key of await this.#findSkipped()) {
      if (signal.aborted) break;
      const outcome = await this.#inTransaction(async (table) => {
        const taken = await takeRow(this.#emitter, table, key);
        await this.#client.query(
          `delete from infratraq.capture_snapshot_skipped
           where source = $1 and schema_name = $2 and table_name = $3 and key = $4`,
          [...this.#place, JSON.stringify(key)],
        );
        await this.#save(taken, undefined);
        return { state: 'running', rows: taken, bytes: 0 };
      });
      rows += outcome.rows;
    }
    return rows;
  }

  /** Rows without a key can't be told apart: writers wait until all of them are in the log, in one transaction. */
  async #takeWhole(table: SnapshotTable): Promise<StepOutcome> {
    await emitReader(this.#client);
    await emitBeginning(this.#emitter, table);
    await this.#client.query(`declare whole_table cursor for select ${columnsOf(table)} from ${table.sql}`);
    let rows = 0;
    let bytes = 0;
    for (;;) {
      const fetched = await queryTexts(this.#client, `fetch ${rowsInFetch} from whole_table`);
      if (fetched.length === 0) break;
      rows += fetched.length;
      bytes += await emitRows(this.#emitter, table, fetched);
    }
    await this.#finish(rows);
    return { state: 'done', rows, bytes };
  }

  async #inTransaction(
    work: (table: SnapshotTable, saved: SavedKey | undefined) => Promise<StepOutcome>,
  ): Promise<StepOutcome> {
    await this.#client.query('begin');
    try {
      await this.#client.query(`set local lock_timeout = ${lockMilliseconds}`);
      const table = await this.#describe();
      const outcome: StepOutcome =
        table === undefined ? await this.#forget() : await work(table, await this.#lockProgress());
      await this.#client.query('commit');
      return outcome;
    } catch (error) {
      await this.#client.query('rollback');
      if (error instanceof KeyChangedError || heldByOthers.has((error as { code?: string }).code ?? ''))
        return { state: 'locked', rows: 0, bytes: 0 };
      throw error;
    }
  }

  /** Held against schema changes until the commit; undefined where the table is gone. */
  async #describe(): Promise<SnapshotTable | undefined> {
    const there = await this.#client.query('select to_regclass($1) as oid', [quoteTable(this.#name)]);
    if ((there.rows[0] as { oid: string | null }).oid === null) return undefined;
    const mode = lockModeFor(await describeSnapshotTable(this.#client, this.#publication, this.#name));
    await this.#client.query(`lock table ${quoteTable(this.#name)} in ${mode} mode`);
    const table = await describeSnapshotTable(this.#client, this.#publication, this.#name);
    if (lockModeFor(table) !== mode) throw new KeyChangedError(this.#name);
    if (table !== undefined && table.keySchemas.length > 0) {
      // Otherwise citext and its like would be compared as text, in an order that their index does not have.
      await this.#client.query(`set local search_path = ${table.keySchemas.map(quoteColumn).join(', ')}`);
    }
    return table;
  }

  async #lockProgress(): Promise<SavedKey | undefined> {
    const { rows } = await this.#client.query<{ last_key: SavedKey | null }>(
      `update infratraq.capture_snapshot set state = 'running', started_at = coalesce(started_at, now())
       where ${this.#here} returning last_key`,
      this.#place,
    );
    return rows[0]?.last_key ?? undefined;
  }

  async #save(rows: number, key: SavedKey | undefined): Promise<void> {
    await this.#client.query(
      `update infratraq.capture_snapshot
       set rows_done = rows_done + $4, last_key = coalesce($5::jsonb, last_key) where ${this.#here}`,
      [...this.#place, rows, key === undefined ? null : JSON.stringify(key)],
    );
  }

  async #finish(rows: number): Promise<void> {
    await this.#client.query(
      `update infratraq.capture_snapshot
       set state = 'done', rows_done = rows_done + $4, finished_at = now() where ${this.#here}`,
      [...this.#place, rows],
    );
  }

  async #forget(): Promise<StepOutcome> {
    await this.#client.query(`delete from infratraq.capture_snapshot where ${this.#here}`, this.#place);
    await this.#client.query(
      `delete from infratraq.capture_snapshot_skipped where ${this.#here}`,
      this.#place,
    );
    return { state: 'gone', rows: 0, bytes: 0 };
  }

  async #findSkipped(): Promise<KeyValues[]> {
    const { rows } = await this.#client.query<{ key: KeyValues }>(
      `select key from infratraq.capture_snapshot_skipped where ${this.#here} limit 1000`,
      this.#place,
    );
    return rows.map(({ key }) => key);
  }

  readonly #here = 'source = $1 and schema_name = $2 and table_name = $3';
}

/** PostgreSQL's errors when `lock_timeout` is over, and when two wait for each other. */
const heldByOthers: ReadonlySet<string> = new Set(['55P03', '40P01']);

/**
 * What keeps a table as it is while it is read. Taken at once at its full strength: PostgreSQL would end a writer who
 * comes between the weaker lock and the stronger one and wants the table alone.
 */
function lockModeFor(table: SnapshotTable | undefined): 'share' | 'row share' {
  return table?.key.length === 0 ? 'share' : 'row share';
}

/** The table got a key, or lost it, while its lock was awaited: the next step sees it as it is. */
class KeyChangedError extends Error {
  constructor({ schema, table }: TableName) {
    super(`${schema}.${table} has changed its key`);
  }
}
