import pg from 'pg';
import type { Capture } from '../../leading/capture.js';
import type { CaptureBench } from '../open-capture-bench.js';
import type { History } from './histories.js';
import { findDifferences, replayRows } from './rebuild-table.js';
import { createTables, enterSchema, runSessions } from './run-history.js';

const mostSessions = 3;

/** Runs histories, each in a schema of its own, and compares what PostgreSQL has with what the documents rebuild. */
export async function openHistoryChecker(bench: CaptureBench, capture: Capture) {
  await bench.query(
    'create extension hstore; create extension citext; create extension ltree; create extension cube',
  );
  await bench.changelog.createIndex({ entity_type: 1, _id: 1 });
  const clients = await Promise.all(
    Array.from({ length: mostSessions }, async () => {
      const client = new pg.Client({ connectionString: bench.postgresUrl });
      await client.connect();
      return client;
    }),
  );
  const [first] = clients as [pg.Client];
  let runs = 0;

  return {
    /** Answers the rows that are in only one of both. */
    async check(history: History): Promise<unknown[]> {
      runs += 1;
      const schema = `run_${runs}`;
      await createTables(first, schema, history.tables);
      for (const client of clients) await enterSchema(client, schema);
      await runSessions(clients, history);
      await bench.catchUp(capture);
      const differences: unknown[] = [];
      for (const table of history.tables) {
        const changes = await bench.readChanges(`${schema}.${table.name}`);
        differences.push(...(await findDifferences(first, table, replayRows(table, changes))));
      }
      await first.query('set client_min_messages = error');
      await first.query(`drop schema ${schema} cascade`);
      return differences;
    },
    async close(): Promise<void> {
      await Promise.all(clients.map((client) => client.end()));
    },
  };
}
