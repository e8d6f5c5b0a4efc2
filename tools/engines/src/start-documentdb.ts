import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { awaitMongo } from './await-mongo.js';
import { awaitPostgres } from './await-postgres.js';
import { cacheDirectory } from './cache-directory.js';
import { claimEngineFolder, recordEngineProcess, releaseEngineFolder } from './engine-folder.js';
import { startEngineProcess, type EngineProcess } from './engine-process.js';
import { EngineUnavailableError } from './engine-unavailable-error.js';
import { pickFreePort } from './pick-free-port.js';

/** Where DocumentDB runs. */
export interface StartDocumentdbOptions {
  /** DocumentDB keeps its files in `documentdb` below this folder and finds them again on the next start. */
  readonly dataDirectory: string;
  readonly log?: (line: string) => void;
  readonly environment?: NodeJS.ProcessEnv;
}

/** DocumentDB with FerretDB in front of it: the engine on which text search is tested. */
export interface DocumentdbEngine {
  readonly uri: string;
  readonly version: string;
  stop(): Promise<void>;
}

interface Installation {
  readonly root: string;
  readonly gateway: string;
}

// The mounts live in a namespace of the process alone, so nothing is left mounted however it ends. The last -c
// names the folder in the command line, by which the next run recognises this process.
const RUN_POSTGRES = `
root=$1 folder=$2 port=$3 programs=/usr/lib/postgresql/18/bin
mount --bind "$folder" "$root/srv"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
chroot "$root" chown postgres:postgres /srv
chmod 700 "$folder"
if [ ! -e "$folder/PG_VERSION" ]; then
  chroot --userspec=postgres:postgres "$root" "$programs/initdb" --pgdata=/srv --username=postgres --auth=trust \\
    --encoding=UTF8 --locale=C.UTF-8 --no-sync
fi
exec chroot --userspec=postgres:postgres "$root" "$programs/postgres" -D /srv -p "$port" \\
  -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 -c max_worker_processes=32 \\
  -c shared_preload_libraries=pg_cron,pg_documentdb_core,pg_documentdb -c cron.database_name=postgres \\
  -c cron.use_background_workers=on -c "infratraq.folder=$folder"`;

/**
 * Starts DocumentDB and its gateway, both installed by `bin/install-documentdb.sh`; needs root on Linux.
 *
 * @throws EngineUnavailableError `engine.unavailable` when they are not installed.
 */
export async function startDocumentdb(options: StartDocumentdbOptions): Promise<DocumentdbEngine> {
  const log = options.log ?? (() => undefined);
  const installation = findInstallation(options.environment ?? process.env);
  const folder = join(resolve(options.dataDirectory), 'documentdb');
  await claimEngineFolder(folder);
  await rm(join(folder, 'postmaster.pid'), { force: true });

  const started: EngineProcess[] = [];
  const stop = async () => {
    for (const child of started.splice(0).reverse()) await child.stop();
    await releaseEngineFolder(folder);
  };
  try {
    const postgresPort = await pickFreePort();
    const postgres = await startEngineProcess({
      name: 'documentdb',
      command: 'unshare',
      arguments: [
        '--mount',
        'sh',
        '-euc',
        RUN_POSTGRES,
        'sh',
        installation.root,
        folder,
        String(postgresPort),
      ],
      workingDirectory: '/',
      environment: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
      stopSignal: 'SIGINT',
      log,
    });
    started.push(postgres);
    await recordEngineProcess(folder, postgres.pid);
    const postgresUrl = `postgres://postgres@127.0.0.1:${postgresPort}/postgres`;
    await awaitPostgres(postgresUrl, postgres);
    await createExtension(postgresUrl);

    const port = await pickFreePort();
    const gateway = await startGateway({ installation, folder, postgresUrl, port, log });
    started.push(gateway);
    const { version } = await awaitMongo({ port, replicaSetNeeded: false, child: gateway });
    return { uri: `mongodb://127.0.0.1:${port}/?directConnection=true`, version, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function findInstallation(environment: NodeJS.ProcessEnv): Installation {
  const cache = cacheDirectory(environment);
  const installation = {
    root: join(cache, 'documentdb-sid'),
    gateway: join(cache, 'ferretdb-v2.7.0', 'bin', 'ferretdb'),
  };
  const complete = existsSync(join(installation.root, '.complete')) && existsSync(installation.gateway);
  if (complete && process.getuid?.() === 0) return installation;
  throw new EngineUnavailableError(
    'engine.unavailable',
    complete
      ? 'DocumentDB runs in a root folder of its own, which only root can enter: run this as root.'
      : 'DocumentDB is not installed: run tools/engines/bin/install-documentdb.sh as root on Debian.',
  );
}

async function createExtension(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS documentdb CASCADE');
  } finally {
    await client.end();
  }
}

async function startGateway(options: {
  installation: Installation;
  folder: string;
  postgresUrl: string;
  port: number;
  log: (line: string) => void;
}): Promise<EngineProcess> {
  const stateFolder = `${options.folder}-gateway`;
  await mkdir(stateFolder, { recursive: true });
  return startEngineProcess({
    name: 'ferretdb',
    command: options.installation.gateway,
    arguments: [
      `--postgresql-url=${options.postgresUrl}`,
      `--listen-addr=127.0.0.1:${options.port}`,
      `--state-dir=${stateFolder}`,
      '--no-auth',
      '--telemetry=disable',
      '--debug-addr=-',
    ],
    stopSignal: 'SIGTERM',
    log: options.log,
  });
}
