import {
  readIfPresent,
  claimEngineFolder,
  recordEngineProcess,
  releaseEngineFolder,
} from './engine-folder.js';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startEngineProcess, type EngineProcess } from './engine-process.js';
import { EngineUnavailableError } from './engine-unavailable-error.js';
import { downloadMongod, findMongod, hasDownloadFailedLately } from './find-mongod.js';
import { findRustDaemon, providePythonDaemon } from './find-secantus.js';
import { orderMongoCandidates, type MongoCandidate, type MongoKind } from './order-mongo-candidates.js';
import { pickFreePort } from './pick-free-port.js';
import { awaitMongo } from './await-mongo.js';

/** Where and how an embedded MongoDB engine runs. */
export interface StartMongoOptions {
  /** The engine keeps its files in `mongodb` below this folder and finds them again on the next start. */
  readonly dataDirectory: string;
  /** A free port is chosen when this is left out. */
  readonly port?: number;
  /** Every acknowledged write survives SIGKILL, at a cost in speed. */
  readonly durable?: boolean;
  /** Nobody follows what happened a while ago: the log of it is kept short. */
  readonly disposable?: boolean;
  readonly log?: (line: string) => void;
  readonly environment?: NodeJS.ProcessEnv;
}

/** An embedded MongoDB engine. */
export interface MongoEngine {
  readonly uri: string;
  readonly port: number;
  readonly pid: number;
  readonly kind: MongoKind;
  readonly version: string;
  /** Shuts the engine down cleanly. */
  stop(): Promise<void>;
  /** Ends the engine with SIGKILL, as a crash would. */
  kill(): Promise<void>;
}

interface MongoPlan {
  readonly folder: string;
  readonly port: number;
  readonly durable: boolean;
  readonly disposable: boolean;
  readonly log: (line: string) => void;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Starts the preferred MongoDB engine that this machine has or can get, as a one-node replica set.
 *
 * @throws EngineUnavailableError with the reason of each way that was tried.
 */
export async function startMongo(options: StartMongoOptions): Promise<MongoEngine> {
  const environment = options.environment ?? process.env;
  const plan: MongoPlan = {
    folder: join(resolve(options.dataDirectory), 'mongodb'),
    port: options.port ?? (await pickFreePort()),
    durable: options.durable ?? false,
    disposable: options.disposable ?? false,
    log: options.log ?? (() => undefined),
    environment,
  };
  await claimEngineFolder(plan.folder);
  const mongod = await findMongod(environment);
  const rustDaemon = await findRustDaemon(environment);
  const candidates = orderMongoCandidates({
    choice: environment.INFRATRAQ_ENGINE,
    mongodInstalled: mongod !== undefined,
    downloadFailedLately: await hasDownloadFailedLately(environment),
    rustDaemonInstalled: rustDaemon !== undefined,
    dataWrittenBy: (await readIfPresent(`${plan.folder}.kind`))?.trim() as MongoKind | undefined,
  });

  const providers: Record<MongoCandidate, () => Promise<string>> = {
    mongod: async () => mongod as string,
    download: () => downloadMongod(environment),
    'secantus-rs': async () => rustDaemon as string,
    'secantus-py': () => providePythonDaemon(environment, plan.log),
  };
  const failures: Error[] = [];
  for (const candidate of candidates) {
    try {
      const command = await providers[candidate]();
      return await runMongo(candidate === 'download' ? 'mongod' : candidate, command, plan);
    } catch (error) {
      if (!(error instanceof EngineUnavailableError)) throw error;
      plan.log(`${candidate}: ${error.message}`);
      failures.push(error);
    }
  }
  throw new EngineUnavailableError(
    'engine.unavailable',
    `No MongoDB engine could be started` +
      `${failures.map((failure) => `; ${failure.message}`).join('')}. Set MONGODB_URI to a replica set, put mongod` +
      ' on the PATH, or run tools/engines/bin/install-secantus.sh.',
    new AggregateError(failures),
  );
}

async function runMongo(kind: MongoKind, command: string, plan: MongoPlan): Promise<MongoEngine> {
  const child = await startEngineProcess({
    name: kind,
    command,
    arguments: listArguments(kind, plan),
    environment: plan.environment,
    stopSignal: 'SIGTERM',
    log: plan.log,
  });
  await recordEngineProcess(plan.folder, child.pid);
  try {
    const { version } = await awaitMongo({ port: plan.port, replicaSetNeeded: kind === 'mongod', child });
    await writeFile(`${plan.folder}.kind`, `${kind}\n`);
    return describeMongo(kind, version, plan, child);
  } catch (error) {
    await child.stop();
    await releaseEngineFolder(plan.folder);
    throw error;
  }
}

function listArguments(kind: MongoKind, { folder, port, durable, disposable }: MongoPlan): string[] {
  const listen = ['--port', String(port)];
  const sync = durable ? ['--sync-on-commit'] : [];
  switch (kind) {
    case 'mongod':
      // mongod acknowledges majority writes only once they are journaled, so it needs no flag to be durable.
      return [...listen, '--bind_ip', '127.0.0.1', '--dbpath', folder, '--replSet', 'rs0'];
    case 'secantus-rs':
      return [
        ...listen,
        '--host',
        '127.0.0.1',
        '--storage-path',
        folder,
        '--log-level',
        'WARNING',
        // The daemon's own defaults are 4 GB of cache and 128 MB of log for an empty store.
        '--cache-size',
        '512M',
        '--log-file-max',
        '32MB',
        // Each client that connects reads it from its beginning.
        ...(disposable ? ['--oplog-max-entries', '1000'] : []),
        ...sync,
      ];
    case 'secantus-py':
      return [
        ...listen,
        '--host',
        '127.0.0.1',
        '--storage-path',
        folder,
        '--log-level',
        'WARNING',
        '--cache-size',
        '512M',
        ...sync,
      ];
  }
}

function describeMongo(kind: MongoKind, version: string, plan: MongoPlan, child: EngineProcess): MongoEngine {
  const ended = (end: () => Promise<void>) => async () => {
    await end();
    await releaseEngineFolder(plan.folder);
  };
  return {
    // Pool and server selection are the client's business; directConnection spares it the search for other members.
    uri: `mongodb://127.0.0.1:${plan.port}/infratraq?directConnection=true`,
    port: plan.port,
    pid: child.pid,
    kind,
    version,
    stop: ended(child.stop),
    kill: ended(child.kill),
  };
}
