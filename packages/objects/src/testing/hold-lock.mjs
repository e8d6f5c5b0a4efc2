import { join } from 'node:path';
import { withKeyLock } from '../drivers/folder/key-lock.ts';

// Takes the lock of a key and keeps it.
const [, , folder, key] = process.argv;
await withKeyLock(join(folder, 'locks'), key, async () => {
  process.send('held');
  await new Promise(() => setInterval(() => undefined, 1_000));
});
