import {
  captureSlotOf,
  createCapture,
  createMongoChangeSink,
  keepRefusedChange,
  removeCapture,
} from '@infratraq/capture';
import { createTestDatabases } from '@infratraq/engines';
import { connectMongo } from '@infratraq/mongo';
import { connectPostgres, migrate } from '@infratraq/postgres';
import { migrations } from '@infratraq/server/migrations';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProgram } from '../program.js';

/** Databases of a test's own, and commands that are run against them. */
export async function openCommandBench() {
  await using opening = new AsyncDisposableStack();
  const databases = await createTestDatabases();
  opening.defer(() => databases.drop());
  const folder = await mkdtemp(join(tmpdir(), 'infratraq-command-'));
  opening.defer(() => rm(folder, { recursive: true }));
  const { mongodbUri, postgresUrl } = databases;
  const postgres = await connectPostgres({ url: postgresUrl });
  opening.defer(() => postgres.close());
  await migrate(postgres, migrations);
  const names = { slot: captureSlotOf(postgresUrl) };
  opening.defer(() => removeCapture(postgres, names));
  const mongo = await connectMongo({ uri: mongodbUri });
  opening.defer(() => mongo.close());
  const opened = opening.move();
  const source = { MONGODB_URI: mongodbUri, POSTGRES_URL: postgresUrl, DATA_DIR: folder };

  return {
    names,
    postgres,
    postgresUrl,
    mongo,
    /** What a test opens besides; it is closed first. */
    opened,
    query: (text: string, values?: unknown[]) => postgres.pool.query(text, values),
    /** Answers what a command prints. */
    async run(...words: string[]): Promise<string> {
      const printed: string[] = [];
      const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }));
      for (const { stream } of streams) stream.write = (text) => printed.push(String(text)) > 0;
      try {
        await createProgram(source).parseAsync(words, { from: 'user' });
      } finally {
        for (const { stream, write } of streams) stream.write = write;
      }
      return printed.join('');
    },
    /** Resolves once changes are captured. */
    async startCapture(): Promise<void> {
      const sink = createMongoChangeSink(mongo.connection, {
        onRejected: (refused) => keepRefusedChange(postgres, refused),
      });
      const capture = createCapture({ ...names, postgresUrl, sink });
      opened.defer(() => capture.stop());
      const started = once(capture, 'capture:started');
      capture.start();
      await started;
    },
    close: () => opened.disposeAsync(),
  };
}

export type CommandBench = Awaited<ReturnType<typeof openCommandBench>>;
