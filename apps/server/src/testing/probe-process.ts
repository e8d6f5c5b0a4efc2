// Loaded into a server process by a test: measures how long its event loop is held.
import { performance } from 'node:perf_hooks';

const everyMilliseconds = 5;

/** The longest turn of the event loop since it was asked last. */
export interface LoopReading {
  /** From one turn to the next, which other programs on the machine lengthen as well. */
  readonly wallMilliseconds: number;
  /** Processor time of the main thread within one turn. */
  readonly busyMilliseconds: number;
}

let [wall, busy] = [0, 0];
let last = performance.now();
let lastUsage = process.threadCpuUsage();

setInterval(() => {
  const [now, usage] = [performance.now(), process.threadCpuUsage(lastUsage)];
  wall = Math.max(wall, now - last);
  busy = Math.max(busy, (usage.user + usage.system) / 1_000);
  last = now;
  lastUsage = process.threadCpuUsage();
}, everyMilliseconds).unref();

process.on('message', () => {
  const reading: LoopReading = { wallMilliseconds: wall, busyMilliseconds: busy };
  process.send?.(reading);
  [wall, busy] = [0, 0];
});
// A test that ends leaves no server behind.
process.channel?.unref();
