import { EventEmitter, once } from 'node:events';
import { expect, it } from '@jest/globals';
import { repeat } from '../index.js';

/** A task whose runs end when the test says so. */
class HeldTask extends EventEmitter<{ begun: [] }> {
  runs = 0;
  finish: () => void = () => undefined;
  fail: (error: Error) => void = () => undefined;

  readonly run = (): Promise<void> => {
    this.runs += 1;
    this.emit('begun');
    return new Promise((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
  };
}

const hour = 3_600_000;
const unexpected = (error: unknown) => {
  throw error;
};

it('runs a task at its interval', async () => {
  const task = new HeldTask();
  const repetition = repeat(task.run, { everyMilliseconds: 1, onError: unexpected });
  for (let run = 0; run < 3; run += 1) {
    await once(task, 'begun');
    task.finish();
  }
  await repetition.stop();
});

it('begins at once where that is wanted', async () => {
  const task = new HeldTask();
  const repetition = repeat(task.run, { everyMilliseconds: hour, atOnce: true, onError: unexpected });
  expect(task.runs).toBe(1);
  task.finish();
  await repetition.stop();
});

it('begins a run that is asked for after the one under way, and only one for all that were', async () => {
  const task = new HeldTask();
  const repetition = repeat(task.run, { everyMilliseconds: hour, onError: unexpected });
  repetition.run();
  repetition.run();
  repetition.run();
  expect(task.runs).toBe(1);
  const next = once(task, 'begun');
  task.finish();
  await next;
  expect(task.runs).toBe(2);
  task.finish();
  await repetition.stop();
  expect(task.runs).toBe(2);
});

it('begins no other run while one is under way', async () => {
  const task = new HeldTask();
  const repetition = repeat(task.run, { everyMilliseconds: 1, atOnce: true, onError: unexpected });
  const intervals = new EventEmitter<{ passed: [] }>();
  const timer = setInterval(() => intervals.emit('passed'), 1);
  for (let passed = 0; passed < 5; passed += 1) await once(intervals, 'passed');
  clearInterval(timer);
  expect(task.runs).toBe(1);
  task.finish();
  await repetition.stop();
});

it('tells what a run has failed with, and runs the task again', async () => {
  const task = new HeldTask();
  const errors: unknown[] = [];
  const repetition = repeat(task.run, { everyMilliseconds: 1, onError: (error) => errors.push(error) });
  await once(task, 'begun');
  const failure = new Error('the database was away');
  task.fail(failure);
  await once(task, 'begun');
  expect(errors).toEqual([failure]);
  task.finish();
  await repetition.stop();
});

it('stops once the run under way is over, and begins no other', async () => {
  const task = new HeldTask();
  const repetition = repeat(task.run, { everyMilliseconds: 1, atOnce: true, onError: unexpected });
  repetition.run();
  let isStopped = false;
  const stopping = repetition.stop().then(() => (isStopped = true));
  await new Promise(setImmediate);
  expect(isStopped).toBe(false);
  task.finish();
  await stopping;
  repetition.run();
  expect(task.runs).toBe(1);
});
