import { eventually } from '@infratraq/engines';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Change } from '../encoding/change.js';
import { ReplayedTable } from './replay-changes.js';

/** What a load leaves behind, whatever was broken meanwhile. */
export interface FaultLoad {
  /** Transactions whose commit was answered. */
  committed(): number;
  /** Resolves when so many more transactions were committed. */
  progress(transactions: number): Promise<void>;
  stop(): Promise<void>;
}

const tables = [
  { name: 'counters', key: 'id' },
  { name: 'entries', key: 'id' },
  // Rows alike, told apart by nothing.
  { name: 'marks', key: undefined },
];

/** Makes the tables that the load writes into. */
export async function createFaultTables(client: Pick<pg.ClientBase, 'query'>): Promise<void> {
  await client.query(`
    create table counters (id int primary key, value int not null);
    insert into counters select i, 0 from generate_series(1, 20) i;
    create table entries (id int generated always as identity primary key, body text, revision int not null default 0);
    create table marks (mark int)`);
}

/** Transactions of every kind, one after another, until stopped; goes on through PostgreSQL's restarts. */
export function startFaultLoad(postgresUrl: string, pauseMilliseconds = 2): FaultLoad {
  let loading = true;
  let committed = 0;
  const running = (async () => {
    while (loading) {
      const client = new pg.Client({ connectionString: postgresUrl });
      let isLost = false;
      // A lost session ends the loop below by its next query, whatever that says.
      client.on('error', () => (isLost = true));
      try {
        await client.connect();
        while (loading) {
          await client.query(writeTransaction());
          committed += 1;
          await delay(pauseMilliseconds);
        }
      } catch (error) {
        if (!isLost && !isServerAway(error)) throw error;
        await delay(50);
      } finally {
        await client.end();
      }
    }
  })();
  // Told by progress() and stop().
  running.catch(() => undefined);
  return {
    committed: () => committed,
    async progress(transactions) {
      const goal = committed + transactions;
      await Promise.race([
        eventually(
          () => committed,
          (count) => count >= goal,
          { withinMilliseconds: 180_000 },
        ),
        running,
      ]);
    },
    async stop() {
      loading = false;
      await running;
    },
  };
}

function isServerAway(error: unknown): boolean {
  const { code = '', message } = error as { code?: string; message: string };
  return /^(57P0|08|ECONN|EPIPE)/.test(code) || /terminated/.test(message);
}

const pick = (below: number) => Math.floor(Math.random() * below);

/** Several statements sent at once are one transaction; those within the savepoint never happened. */
function writeTransaction(): string {
  return `begin;
    update counters set value = value + 1 where id % 4 = ${pick(4)};
    insert into entries (body) select repeat(md5(random()::text), ${1 + pick(60)}) from generate_series(1, ${1 + pick(5)});
    update entries set revision = revision + 1, body = case when random() < 0.5 then body else md5(body) end
      where id in (select id from entries order by random() limit 3);
    savepoint undone; delete from entries; insert into marks values (-1); rollback to undone;
    delete from entries where id in (select id from entries where random() < 0.2 limit ${pick(4)});
    insert into marks values (${pick(5)}), (${pick(5)});
    delete from marks where ctid = (select ctid from marks limit 1);
    ${pick(10) === 0 ? 'truncate marks;' : ''} ${pick(8) === 0 ? 'rollback' : 'commit'}`;
}

/** How the documents differ from what PostgreSQL has; nothing in it when nothing was lost or doubled. */
export interface Differences {
  /** Tables whose rows are not those that their changes, in order, leave. */
  differing: string[];
  /** Ids of changes that contradict those before them: something between was lost, or came twice. */
  contradictions: string[];
  /** Counters whose number of updates in the changelog is not what they have counted. */
  miscounted: string[];
}

export const noDifferences: Differences = { differing: [], contradictions: [], miscounted: [] };

/** Compares both databases; the changes are given in their order. */
export async function findDifferences(
  client: Pick<pg.ClientBase, 'query'>,
  changes: readonly Change[],
): Promise<Differences> {
  const differences: Differences = { differing: [], contradictions: [], miscounted: [] };
  for (const { name, key } of tables) {
    const replayed = new ReplayedTable(key);
    for (const change of changes) if (change.entity_type === name) replayed.apply(change);
    const { rows } = await client.query(`select * from ${name}`);
    const expected = rows.map((row) => JSON.stringify(row)).sort();
    if (replayed.rows().join('\n') !== expected.join('\n')) differences.differing.push(name);
    differences.contradictions.push(...replayed.contradictions.map(({ _id }) => _id));
  }
  const { rows } = await client.query<{ id: number; value: number }>('select id, value from counters');
  for (const { id, value } of rows) {
    const updates = changes.filter(
      ({ entity_type, entity_id, operation }) =>
        entity_type === 'counters' && entity_id === String(id) && operation === 'UPDATE',
    );
    if (updates.length !== value) differences.miscounted.push(`${id}: ${updates.length} of ${value}`);
  }
  return differences;
}
