import { openObjects } from '../index.ts';

// Stores content that never ends.
const store = await openObjects(process.argv[2]);
async function* endless() {
  for (let megabytes = 0; megabytes < 20; megabytes += 1) yield Buffer.alloc(1024 * 1024, 1);
  await new Promise(() => setInterval(() => undefined, 1_000));
}
await store.put('killed', endless());
