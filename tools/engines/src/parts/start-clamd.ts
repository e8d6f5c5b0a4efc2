import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { findOnPath } from '../cache-directory.js';
import { startEngineProcess } from '../engine-process.js';
import { EngineUnavailableError } from '../engine-unavailable-error.js';
import { pickFreePort } from '../pick-free-port.js';

/** A running daemon of ClamAV. */
export interface Clamd {
  readonly url: string;
  stop(): Promise<void>;
}

/** What the daemon knows and takes. */
export interface StartClamdOptions {
  /** Holds its configuration and signatures. */
  readonly folder: string;
  /** Signatures in the format of .hdb files (`MD5:bytes:name`); the daemon knows no others. */
  readonly signatures: readonly string[];
  /** The largest stream that it takes. */
  readonly maximumMebibytes: number;
  /** A free port when absent. */
  readonly port?: number;
}

/**
 * Starts ClamAV's daemon (Debian: clamav-daemon) with signatures of its own; none are downloaded.
 *
 * @throws EngineUnavailableError `engine.unavailable` when it isn't installed, `engine.start-failed` when it ends at once.
 */
export async function startClamd(
  { folder, signatures, maximumMebibytes, port: wanted }: StartClamdOptions,
  log: (line: string) => void = () => undefined,
): Promise<Clamd> {
  const path = `${process.env['PATH']}:/usr/sbin`;
  const command = await findOnPath('clamd', { ...process.env, PATH: path });
  if (!command)
    throw new EngineUnavailableError('engine.unavailable', 'clamd is not installed; Debian: clamav-daemon');
  const port = wanted ?? (await pickFreePort());
  const database = join(folder, 'signatures');
  await mkdir(database, { recursive: true });
  await writeFile(join(database, 'own.hdb'), signatures.map((line) => `${line}\n`).join(''));
  const configuration = join(folder, 'clamd.conf');
  await writeFile(
    configuration,
    [
      'Foreground yes',
      'TCPAddr 127.0.0.1',
      `TCPSocket ${port}`,
      `DatabaseDirectory ${database}`,
      `StreamMaxLength ${maximumMebibytes}M`,
      '',
    ].join('\n'),
  );
  const server = await startEngineProcess({
    name: 'clamd',
    command,
    arguments: ['--config-file', configuration],
    stopSignal: 'SIGTERM',
    log,
  });
  while (!(await accepts(port))) {
    if (server.hasExited())
      throw new EngineUnavailableError('engine.start-failed', `clamd ended:\n${server.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url: `tcp://127.0.0.1:${port}`, stop: server.stop };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
