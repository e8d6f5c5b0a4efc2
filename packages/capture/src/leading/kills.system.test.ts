import { eventually } from '@infratraq/engines';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { createFaultTables, findDifferences, noDifferences, startFaultLoad } from '../testing/fault-load.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';
import { killProcess, startCaptureProcess } from '../testing/start-capture-process.js';

const kills = 50;
/** How long a leader lives at most after it has begun, or has stored something, in milliseconds. */
const longestLife = 120;
/** Of so many kills one is at any moment, be it before anything was captured. */
const blindEvery = 5;
/** Enough for each to come further than the one before, which had no time to remember how far it was. */
const changesInBatch = 500;

let bench: CaptureBench;
let processes: ChildProcess[];

beforeEach(async () => {
  processes = [];
  bench = await openCaptureBench();
  await createFaultTables(bench.postgres.pool);
});
afterEach(async () => {
  await Promise.all(processes.map(killProcess));
  await bench.close();
});

/** Starts one more process; resolves with it when it leads. */
function startProcess(): Promise<ChildProcess> {
  const child = startCaptureProcess(bench, changesInBatch);
  processes.push(child);
  return new Promise((resolve) => child.on('message', (message) => message === 'started' && resolve(child)));
}

it('loses and doubles nothing when its process is killed at any moment, again and again, under load', async () => {
  const load = startFaultLoad(bench.postgresUrl);
  // The next ones wait for their turn while the first still leads: only its death is to be waited for.
  const leading = [startProcess(), startProcess()];
  let stored = 0;
  for (let kill = 1; kill <= kills; kill += 1) {
    leading.push(startProcess());
    if (kill % blindEvery === 0) {
      await delay(Math.random() * longestLife);
      await killProcess(processes[Math.floor(Math.random() * processes.length)]!);
    } else {
      const leader = await Promise.race(leading);
      // Every other one comes further than those before it: however often it is killed, capture never stands still.
      if (kill % 2 === 0) {
        const before = stored;
        await eventually(
          () => bench.changelog.countDocuments(),
          (count) => count > before,
        );
      }
      await delay(Math.random() * longestLife);
      await killProcess(leader);
    }
    const living = processes.map((child) => child.exitCode === null && child.signalCode === null);
    for (let index = living.length - 1; index >= 0; index -= 1)
      if (!living[index]) {
        processes.splice(index, 1);
        leading.splice(index, 1);
      }
    stored = await bench.changelog.countDocuments();
  }
  await Promise.all(processes.map(killProcess));
  await load.stop();
  const capture = bench.makeCapture();
  const started = once(capture, 'capture:started');
  capture.start();
  await started;
  await bench.catchUp(capture);
  expect(await findDifferences(bench.postgres.pool, await bench.readChanges())).toEqual(noDifferences);
}, 300_000);
