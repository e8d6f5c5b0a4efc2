import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { awaitHttp } from '../await-http.js';
import { startEngineProcess } from '../engine-process.js';
import { pickFreePort } from '../pick-free-port.js';
import { versitygw } from './go-programs.js';
import { provideGoProgram } from './provide-go-program.js';

/** A running S3 server over a folder. */
export interface Versitygw {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Where the bucket's objects are, each a file under its key. */
  readonly bucketFolder: string;
  stop(): Promise<void>;
}

/**
 * Starts versitygw, which speaks S3, over an empty folder with one bucket.
 *
 * @throws EngineUnavailableError `engine.unavailable` when it can't be had, `engine.start-failed` when it ends at once.
 */
export async function startVersitygw(
  folder: string,
  log: (line: string) => void = () => undefined,
): Promise<Versitygw> {
  const command = await provideGoProgram(versitygw, log);
  const port = await pickFreePort();
  const [accessKey, secretKey, region, bucket] = ['local', 'local-secret', 'us-east-1', 'objects'];
  const [data, sidecar] = [join(folder, 'data'), join(folder, 'sidecar')];
  const bucketFolder = join(data, bucket);
  await mkdir(bucketFolder, { recursive: true });
  await mkdir(sidecar, { recursive: true });
  const server = await startEngineProcess({
    name: 'versitygw',
    command,
    arguments: [
      '--access',
      accessKey,
      '--secret',
      secretKey,
      '--region',
      region,
      '--port',
      `127.0.0.1:${port}`,
      // Not every file system has extended attributes; what it would keep in them goes beside the data.
      'posix',
      '--sidecar',
      sidecar,
      data,
    ],
    workingDirectory: folder,
    stopSignal: 'SIGTERM',
    log,
  });
  const endpoint = `http://127.0.0.1:${port}`;
  await awaitHttp('versitygw', server, endpoint);
  return { endpoint, region, bucket, accessKey, secretKey, bucketFolder, stop: server.stop };
}
