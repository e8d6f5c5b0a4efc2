import { openObjects } from '../index.ts';

// Stores content that never ends; tells its parent once some of it is on the disk.
const store = await openObjects(process.argv[2]);
async function* endless() {
  yield Buffer.alloc(1024 * 1024);
  yield Buffer.alloc(1024 * 1024);
  process.send('begun');
  await new Promise(() => setInterval(() => undefined, 1_000));
}
await store.put('killed', endless());
