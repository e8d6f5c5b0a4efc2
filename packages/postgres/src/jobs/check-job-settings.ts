import { DefinitionError, InvalidInputError } from '@infratraq/kernel';
import type { JobQueue, NewJob } from './jobs.js';

// The longest that pg-boss takes.
const longestHandlerSeconds = 86_399;

/** @throws DefinitionError `definition.jobs.seconds`, `definition.jobs.name`, `definition.jobs.twice` */
export function checkJobSettings(settings: {
  readonly queues: readonly JobQueue<object>[];
  readonly deadAfterSeconds: number;
  readonly handlerSeconds: number;
}): void {
  const { queues, deadAfterSeconds, handlerSeconds } = settings;
  for (const [name, seconds] of Object.entries({ deadAfterSeconds, handlerSeconds }))
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > longestHandlerSeconds)
      throw new DefinitionError(
        name,
        'jobs.seconds',
        `Give whole seconds from 1 to ${longestHandlerSeconds}, not ${seconds}`,
      );
  const names = queues.map(({ name }) => name);
  for (const [place, name] of names.entries()) {
    if (!/^[\w.-]{1,100}$/.test(name))
      throw new DefinitionError(
        name || 'a queue',
        'jobs.name',
        'Name a queue with letters, digits, dots and dashes',
      );
    if (names.indexOf(name) !== place)
      throw new DefinitionError(name, 'jobs.twice', 'This queue is listed twice');
  }
}

/** @throws DefinitionError `definition.jobs.workers` */
export function checkWorkers(queue: string, counts: { batchSize: number; concurrency: number }): void {
  for (const [name, count] of Object.entries(counts))
    if (!Number.isInteger(count) || count < 1)
      throw new DefinitionError(
        queue,
        'jobs.workers',
        `${name} has to be a whole number from 1, not ${count}`,
      );
}

/** @throws InvalidInputError `jobs.delay`, `jobs.key` */
export function checkNewJobs({ name, keyed }: JobQueue<object>, jobs: readonly NewJob<object>[]): void {
  for (const { delayMilliseconds = 0, key } of jobs) {
    if (!Number.isFinite(delayMilliseconds))
      throw new InvalidInputError(
        `A job of ${name} can't wait ${delayMilliseconds} ms; give a number of milliseconds`,
        {
          code: 'jobs.delay',
        },
      );
    if (keyed !== (key !== undefined))
      throw new InvalidInputError(
        keyed ? `Jobs of ${name} need a key` : `${name} is not keyed; define it so, or leave the key out`,
        { code: 'jobs.key' },
      );
  }
}
