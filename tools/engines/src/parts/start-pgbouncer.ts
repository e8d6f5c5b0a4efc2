import { chown, mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findOnPath } from '../cache-directory.js';
import { startEngineProcess } from '../engine-process.js';
import { EngineUnavailableError } from '../engine-unavailable-error.js';
import { pickFreePort } from '../pick-free-port.js';

/** A running pooler before a PostgreSQL. */
export interface Pgbouncer {
  /** As the one that it was started for, through the pooler. */
  readonly url: string;
  stop(): Promise<void>;
}

/** What is pooled, and how. */
export interface StartPgbouncerOptions {
  /** Holds its configuration. */
  readonly folder: string;
  /** The database behind it. */
  readonly postgresUrl: string;
  readonly poolMode: 'session' | 'transaction' | 'statement';
}

// Pgbouncer refuses to run as root.
const nobody = { uid: 65_534, gid: 65_534 };

/**
 * Starts PgBouncer (Debian: pgbouncer) on loopback.
 *
 * @throws EngineUnavailableError `engine.unavailable` when it isn't installed, `engine.start-failed` when it ends at once.
 */
export async function startPgbouncer(
  { folder, postgresUrl, poolMode }: StartPgbouncerOptions,
  log: (line: string) => void = () => undefined,
): Promise<Pgbouncer> {
  const command = await findOnPath('pgbouncer', {
    ...process.env,
    PATH: `${process.env['PATH']}:/usr/sbin`,
  });
  if (!command)
    throw new EngineUnavailableError('engine.unavailable', 'PgBouncer is not installed; Debian: pgbouncer');
  const port = await pickFreePort();
  const url = new URL(postgresUrl);
  const [user, password] = [url.username, url.password].map(decodeURIComponent) as [string, string];
  await mkdir(folder, { recursive: true });
  const configuration = join(folder, 'pgbouncer.ini');
  const users = join(folder, 'users.txt');
  await writeFile(users, `"${user}" "${password}"\n`);
  await writeFile(
    configuration,
    [
      '[databases]',
      `* = host=${url.hostname} port=${url.port || '5432'}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = trust',
      `auth_file = ${users}`,
      `pool_mode = ${poolMode}`,
      'default_pool_size = 20',
      '',
    ].join('\n'),
  );
  const isRoot = process.getuid?.() === 0;
  if (isRoot) for (const path of [folder, configuration, users]) await chown(path, nobody.uid, nobody.gid);
  const server = await startEngineProcess({
    name: 'pgbouncer',
    command,
    arguments: [configuration],
    stopSignal: 'SIGINT',
    log,
    ...(isRoot && { account: nobody }),
  });
  while (!(await accepts(port))) {
    if (server.hasExited())
      throw new EngineUnavailableError('engine.start-failed', `PgBouncer ended:\n${server.output()}`);
    await wait(20);
  }
  url.host = `127.0.0.1:${port}`;
  return { url: url.href, stop: server.stop };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
