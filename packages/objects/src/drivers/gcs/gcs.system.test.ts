import { startFakeGcs } from '@infratraq/engines';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openObjects } from '../../index.js';
import { describeObjectStore } from '../../testing/describe-object-store.js';

describeObjectStore('Google Cloud Storage', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fake-gcs-'));
  const server = await startFakeGcs(folder);
  // Where Google's own tools look for credentials; the server takes any, and links are signed with them.
  const credentials = join(folder, 'credentials.json');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(
    credentials,
    JSON.stringify({
      type: 'service_account',
      project_id: 'infratraq',
      client_email: 'store@infratraq.test',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    }),
  );
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = credentials;
  const address = `gs://${server.bucket}/some/prefix?endpoint=${server.endpoint}`;
  const store = await openObjects(address);
  return {
    store,
    address,
    checksLinks: false,
    keysMayNest: false,
    fetchLink: (url, init) => fetch(url, init),
    shiftClock: () => undefined,
    async corrupt(key) {
      const file = await open(join(server.bucketFolder, 'some/prefix', key), 'r+');
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 7);
      await file.write(Buffer.from([buffer[0]! ^ 1]), 0, 1, 7);
      await file.close();
    },
    async close() {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
});
