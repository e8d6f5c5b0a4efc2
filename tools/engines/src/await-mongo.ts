import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { MongoClient, MongoServerError, type Document } from 'mongodb';
import type { EngineProcess } from './engine-process.js';
import { EngineUnavailableError } from './engine-unavailable-error.js';

const START_WITHIN_MILLISECONDS = 30_000;

/**
 * Waits until the engine takes writes, making it a replica set where it isn't one yet.
 *
 * @throws EngineUnavailableError `engine.start-failed` when it exits, or isn't ready after 30 seconds.
 */
export async function awaitMongo(options: {
  port: number;
  replicaSetNeeded: boolean;
  child: EngineProcess;
}): Promise<{ version: string }> {
  const { port, child } = options;
  const giveUpAt = Date.now() + START_WITHIN_MILLISECONDS;
  let lastError: unknown;
  while (Date.now() < giveUpAt && !child.hasExited()) {
    // A client per try: one whose first connection failed doesn't recover within so short a selection timeout.
    const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
      serverSelectionTimeoutMS: 2000,
      connectTimeoutMS: 2000,
    });
    try {
      await awaitPort(port);
      const admin = client.db('admin');
      const hello = await admin.command({ hello: 1 });
      if (hello.isWritablePrimary) {
        const { version } = await admin.command({ buildInfo: 1 });
        return { version: String(version) };
      }
      if (options.replicaSetNeeded) await configureReplicaSet(client, port);
    } catch (error) {
      lastError = error;
    } finally {
      await client.close();
    }
    await wait(50);
  }
  throw new EngineUnavailableError(
    'engine.start-failed',
    `The MongoDB engine did not start; its last output was:\n${child.output()}`,
    lastError,
  );
}

/** A try with the driver against a closed port costs its whole selection timeout; a bare connection costs nothing. */
async function awaitPort(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

/** Initiates the one-node set, or gives it its address of today when it was last run on another port. */
async function configureReplicaSet(client: MongoClient, port: number): Promise<void> {
  const admin = client.db('admin');
  const host = `127.0.0.1:${port}`;
  try {
    const { config } = await admin.command({ replSetGetConfig: 1 });
    const current = config as { version: number; members: (Document & { host: string })[] };
    if (current.members[0]?.host === host) return;
    await admin.command({
      replSetReconfig: {
        ...current,
        version: current.version + 1,
        members: [{ ...current.members[0], host }],
      },
      force: true,
    });
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.codeName !== 'NotYetInitialized') throw error;
    await admin.command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host }] } });
  }
}
