import { startVersitygw } from '@infratraq/engines';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openObjects } from '../../index.js';
import { describeObjectStore } from '../../testing/describe-object-store.js';

describeObjectStore('S3', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'versitygw-'));
  const server = await startVersitygw(folder);
  process.env['AWS_ACCESS_KEY_ID'] = server.accessKey;
  process.env['AWS_SECRET_ACCESS_KEY'] = server.secretKey;
  let shiftedMilliseconds = 0;
  const address = `s3://${server.bucket}/some/prefix?endpoint=${server.endpoint}&region=${server.region}`;
  const store = await openObjects(address, { now: () => Date.now() + shiftedMilliseconds });
  return {
    store,
    address,
    checksLinks: true,
    keysMayNest: false,
    fetchLink: (url, init) => fetch(url, init),
    shiftClock: (seconds) => (shiftedMilliseconds = seconds * 1000),
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
