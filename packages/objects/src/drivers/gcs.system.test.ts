import { startFakeGcs } from '@infratraq/engines';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openObjects } from '../index.js';
import { describeObjectStore } from '../testing/describe-object-store.js';

describeObjectStore('Google Cloud Storage', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fake-gcs-'));
  const server = await startFakeGcs(folder);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const store = await openObjects(`gs://${server.bucket}/some/prefix?endpoint=${server.endpoint}`, {
    credentials: {
      client_email: 'store@infratraq.test',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    },
  });
  return {
    store,
    checksLinks: false,
    fetchLink: (url, init) => fetch(url, init),
    shiftClock: () => undefined,
    async corrupt(key) {
      const file = await open(join(server.bucketFolder, encodeURIComponent(`some/prefix/${key}`)), 'r+');
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
