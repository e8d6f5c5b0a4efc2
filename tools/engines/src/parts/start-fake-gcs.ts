import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { awaitHttp } from '../await-http.js';
import { startEngineProcess } from '../engine-process.js';
import { pickFreePort } from '../pick-free-port.js';
import { fakeGcs } from './go-programs.js';
import { provideGoProgram } from './provide-go-program.js';

/** A running stand-in for Google Cloud Storage over a folder. */
export interface FakeGcs {
  readonly endpoint: string;
  readonly bucket: string;
  /** Where the bucket's objects are, each a file under its key. */
  readonly bucketFolder: string;
  stop(): Promise<void>;
}

/**
 * Starts fake-gcs-server, which speaks the API of Google Cloud Storage, over an empty folder with one bucket.
 * It takes any credentials, and serves signed links without checking them.
 *
 * @throws EngineUnavailableError `engine.unavailable` when it can't be had, `engine.start-failed` when it ends at once.
 */
export async function startFakeGcs(
  folder: string,
  log: (line: string) => void = () => undefined,
): Promise<FakeGcs> {
  const command = await provideGoProgram(fakeGcs, log);
  const port = await pickFreePort();
  const bucket = 'objects';
  const bucketFolder = join(folder, bucket);
  await mkdir(bucketFolder, { recursive: true });
  const endpoint = `http://127.0.0.1:${port}`;
  const server = await startEngineProcess({
    name: 'fake-gcs-server',
    command,
    arguments: [
      '-scheme',
      'http',
      '-host',
      '127.0.0.1',
      '-port',
      String(port),
      '-backend',
      'filesystem',
      '-filesystem-root',
      folder,
      '-external-url',
      endpoint,
      '-public-host',
      `127.0.0.1:${port}`,
    ],
    stopSignal: 'SIGTERM',
    log,
  });
  await awaitHttp('fake-gcs-server', server, `${endpoint}/storage/v1/b`);
  return { endpoint, bucket, bucketFolder, stop: server.stop };
}
