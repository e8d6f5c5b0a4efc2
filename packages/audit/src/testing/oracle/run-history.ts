import pg from 'pg';
import type { HistoryDesign, Step, TransactionDesign } from './histories.js';
import { describeTables, observe, type Observation, type ObservedTable } from './observe.js';
import {
  writeCreate,
  writeSchemaAlteration,
  writeSchemas,
  writeTableAlteration,
} from './write-alterations.js';
import { writeRowStep } from './write-rows.js';

/** What was done, and what PostgreSQL said meanwhile. */
export interface PlayedHistory {
  readonly prefix: string;
  /** The statements that PostgreSQL took, for whoever has to look. */
  readonly sql: readonly string[];
  /** The last one is how things are now. */
  readonly moments: readonly Observation[];
  /** The kinds of steps that PostgreSQL took. */
  readonly kinds: readonly string[];
  /** Those of them that leave a gap in what is known. */
  readonly gapsBy: readonly string[];
}

/** Runs a transaction while something happens to capture. */
export type TouchCapture = (how: TransactionDesign['capture'], run: () => Promise<void>) => Promise<void>;

/** Steps after which some rows can't be known, whoever records them. */
const gapKinds: ReadonlySet<string> = new Set([
  'add column with computed default',
  'rewrite column',
  'widen column',
  'widen key',
  'identity by code',
  'move key to code',
  'move key to id',
  'unlogged',
  'logged',
  'attach partition',
  'detach partition',
  'drop partition',
  'truncate partition',
  'rename label',
  'swap labels',
  'rename attribute',
  'swap attributes',
  'add attribute',
  'drop attribute',
  'publication narrowed',
]);

/** Plays a history in schemas of its own. */
export async function playHistory(
  client: pg.ClientBase,
  design: HistoryDesign,
  prefix: string,
  touchCapture: TouchCapture,
): Promise<PlayedHistory> {
  const player = new HistoryPlayer(client, prefix);
  await player.begin(design);
  for (const transaction of design.transactions) {
    player.note(transaction.capture);
    await touchCapture(transaction.capture, () => player.play(transaction));
  }
  await player.observe();
  return player.played;
}

class HistoryPlayer {
  readonly #client: pg.ClientBase;
  readonly #prefix: string;
  readonly #sql: string[] = [];
  readonly #moments: Observation[] = [];
  readonly #kinds: string[] = [];
  readonly #gapsBy = new Set<string>();
  #tables: ObservedTable[] | undefined;

  constructor(client: pg.ClientBase, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
  }

  get played(): PlayedHistory {
    return {
      prefix: this.#prefix,
      sql: this.#sql,
      moments: this.#moments,
      kinds: this.#kinds,
      gapsBy: [...this.#gapsBy],
    };
  }

  note(kind: string): void {
    if (kind === 'goes on') return;
    this.#sql.push(`-- capture: ${kind}`);
    this.#kinds.push(kind);
    if (gapKinds.has(kind)) this.#gapsBy.add(kind);
  }

  async observe(): Promise<void> {
    const observation = await observe(this.#client, this.#prefix);
    this.#moments.push(observation);
    this.#sql.push(`-- seen at ${observation.at.toISOString()}`);
  }

  async begin({ tables }: HistoryDesign): Promise<void> {
    // Of a history that failed in the middle, a transaction may be open.
    await this.#client.query('rollback');
    await this.#client.query(writeSchemas(this.#prefix));
    for (const table of tables) {
      await this.#client.query('begin');
      await this.#runStep({ kind: 'create', table });
      await this.#client.query('commit');
    }
  }

  async play({ steps, commits, observed }: TransactionDesign): Promise<void> {
    await this.#client.query('begin');
    this.#sql.push('begin');
    const gaps = [...this.#gapsBy];
    for (const step of steps) await this.#runStep(step);
    const ended = await this.#try(commits ? 'commit' : 'rollback');
    if (!ended) await this.#client.query('rollback');
    if (!ended || !commits) {
      this.#gapsBy.clear();
      for (const gap of gaps) this.#gapsBy.add(gap);
      this.#tables = undefined;
    }
    if (observed) await this.observe();
  }

  /** What PostgreSQL refuses (a double key, a name that is taken) is undone and passed over. */
  async #runStep(step: Step): Promise<void> {
    if (step.kind === 'undone') {
      const gaps = [...this.#gapsBy];
      await this.#client.query('savepoint undone');
      this.#sql.push('savepoint undone');
      this.#kinds.push(step.kind);
      for (const inner of step.steps) await this.#runStep(inner);
      await this.#client.query('rollback to savepoint undone; release savepoint undone');
      this.#sql.push('rollback to savepoint undone');
      this.#tables = undefined;
      this.#gapsBy.clear();
      for (const gap of gaps) this.#gapsBy.add(gap);
      return;
    }
    const sql = await this.#write(step);
    if (sql === undefined) return;
    await this.#client.query('savepoint step');
    if (!(await this.#try(sql))) {
      await this.#client.query('rollback to savepoint step; release savepoint step');
      return;
    }
    await this.#client.query('release savepoint step');
    this.#kinds.push('how' in step ? step.how : step.kind);
    if (step.kind === 'alter' || step.kind === 'alter table') {
      if (gapKinds.has(step.how)) this.#gapsBy.add(step.how);
      this.#tables = undefined;
    } else if (step.kind === 'create') this.#tables = undefined;
  }

  async #write(step: Exclude<Step, { kind: 'undone' }>): Promise<string | undefined> {
    if (step.kind === 'create') return writeCreate(step.table, this.#prefix);
    if (step.kind === 'alter') return writeSchemaAlteration(step.how, step.pick, this.#prefix);
    this.#tables ??= await describeTables(this.#client, this.#prefix);
    if (step.kind === 'alter table') return writeTableAlteration(step.how, this.#tables, step, this.#prefix);
    return writeRowStep(step, this.#tables);
  }

  async #try(sql: string): Promise<boolean> {
    try {
      const result = await this.#client.query(sql);
      const { command } = Array.isArray(result) ? result.at(-1) : result;
      this.#sql.push(sql);
      return sql !== 'commit' || command === 'COMMIT';
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      return false;
    }
  }
}
