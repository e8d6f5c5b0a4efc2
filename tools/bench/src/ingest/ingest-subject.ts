import { createConnection } from 'mongoose';
import { setTimeout as delay } from 'node:timers/promises';
import { contenders, type ContenderName } from './contenders.js';

/** What a contender's process tells the benchmark. */
export interface ContenderFigures {
  readonly seconds: number;
  readonly cpuMicroseconds: number;
  /** Resident memory at regular moments of the run, in megabytes. */
  readonly residentMegabytes: readonly number[];
}

/** The measured program: one contender, from the first event handed over until all can be counted. */
const { MONGODB_URI = '', CONTENDER = '', EVENTS = '0', WARM_UP = '0' } = process.env;
const events = Number(EVENTS);
const warmUp = Number(WARM_UP);
const { collection, store } = await contenders[CONTENDER as ContenderName](MONGODB_URI);
const counter = await createConnection(MONGODB_URI).asPromise();
const counted = counter.db!.collection(collection);

await store(0, warmUp);
await countUntil(warmUp);
const resident: number[] = [];
const sampling = setInterval(() => resident.push(process.memoryUsage.rss() / 1_048_576), 250);
const startedAt = performance.now();
const cpu = process.cpuUsage();
await store(warmUp, warmUp + events);
await countUntil(warmUp + events);
const { user, system } = process.cpuUsage(cpu);
clearInterval(sampling);
const figures: ContenderFigures = {
  seconds: (performance.now() - startedAt) / 1_000,
  cpuMicroseconds: user + system,
  residentMegabytes: resident,
};
process.send?.(figures, undefined, undefined, () => process.exit(0));

async function countUntil(expected: number): Promise<void> {
  while ((await counted.estimatedDocumentCount()) < expected) await delay(10);
}
