import { once } from 'node:events';
import { createTestDatabases } from '@infratraq/engines';
import { connectPostgres, migrate } from '@infratraq/postgres';
import { createConnection } from 'mongoose';
import { createCapture } from '../leading/create-capture.js';
import type { Capture, CaptureSettings } from '../leading/capture.js';
import type { Change } from '../encoding/change.js';
import { parseLsn } from '../pgoutput/lsn.js';
import { prepareCapture, removeCapture } from '../preparation/prepare-capture.js';
import { createMongoChangeSink } from '../sinks/create-mongo-change-sink.js';

/**
 * A prepared PostgreSQL database (an empty one of the tests' server, or `ownPostgresUrl`), an empty changelog, and
 * captures between them.
 */
export async function openCaptureBench(ownPostgresUrl?: string) {
  const databases = await createTestDatabases({ postgres: ownPostgresUrl === undefined });
  const postgresUrl = ownPostgresUrl ?? databases.postgresUrl;
  const postgres = await connectPostgres({ url: postgresUrl, maxConnections: 20 });
  await migrate(postgres);
  const names = { slot: `test_${crypto.randomUUID().replaceAll('-', '')}`, publication: 'infratraq_changes' };
  await prepareCapture(postgres, names);
  const connection = await createConnection(databases.mongodbUri).asPromise();
  const changelog = connection.db!.collection<Change>('entity_changelog');
  const captures: Capture[] = [];

  function makeCapture(options: Partial<CaptureSettings> & { postgresUrl?: string } = {}): Capture {
    const sink = createMongoChangeSink(connection);
    const capture = createCapture({
      ...names,
      postgresUrl,
      sink,
      leaderPollMilliseconds: 50,
      ...options,
    });
    captures.push(capture);
    return capture;
  }

  async function startCapture(
    options: Partial<CaptureSettings> & { postgresUrl?: string } = {},
  ): Promise<Capture> {
    const capture = makeCapture(options);
    const started = once(capture, 'capture:started');
    capture.start();
    await started;
    return capture;
  }

  /** Resolves once everything that was committed before this call is stored. */
  async function catchUp(capture: Capture): Promise<void> {
    const { rows } = await postgres.pool.query<{ lsn: string }>(
      'select pg_current_wal_insert_lsn()::text as lsn',
    );
    const reached = new Promise<void>((resolve) => {
      capture.on('capture:advanced', function listen({ lsn }) {
        if (parseLsn(lsn) < parseLsn(rows[0]!.lsn)) return;
        capture.off('capture:advanced', listen);
        resolve();
      });
    });
    await postgres.pool.query(`select pg_logical_emit_message(true, 'test.marker', '')`);
    await reached;
  }

  return {
    names,
    postgres,
    connection,
    changelog,
    postgresUrl,
    mongodbUri: databases.mongodbUri,
    query: async (text: string, values?: unknown[]) => (await postgres.pool.query(text, values)).rows,
    makeCapture,
    startCapture,
    catchUp,
    readChanges: (entityType?: string) =>
      changelog
        .find(entityType === undefined ? {} : { entity_type: entityType })
        .sort({ _id: 1 })
        .toArray(),
    async close(): Promise<void> {
      await Promise.all(captures.map((capture) => capture.stop()));
      await removeCapture(postgres, names);
      await postgres.close();
      await connection.close();
      await databases.drop();
    },
  };
}

export type CaptureBench = Awaited<ReturnType<typeof openCaptureBench>>;
