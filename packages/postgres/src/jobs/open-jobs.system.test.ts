import { expect, it } from '@jest/globals';
import { startPostgres } from '@infratraq/engines';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectPostgres } from '../connection/connect-postgres.js';
import { defineQueue } from './jobs.js';
import { openJobs } from './open-jobs.js';

it('goes on with the same workers after PostgreSQL has been restarted, and tells that it was away', async () => {
  await using opened = new AsyncDisposableStack();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'infratraq-jobs-'));
  opened.defer(() => rm(dataDirectory, { recursive: true, force: true }));
  let engine = await startPostgres({ dataDirectory });
  opened.defer(() => engine.stop());
  const postgres = await connectPostgres({ url: engine.url, onIdleError: () => undefined });
  opened.defer(() => postgres.close());
  const queue = defineQueue<{ number: number }>('restarted');
  const events = new EventEmitter();
  const jobs = await openJobs({
    postgres,
    queues: [queue],
    handlerSeconds: 2,
    onError: () => void events.emit('told'),
  });
  opened.defer(() => jobs.close());
  const done: number[] = [];
  await jobs.work(queue, { concurrency: 2 }, async ([job]) => {
    // The restart falls into this handler; its end is lost, and it is done again.
    if (job!.data.number === 1 && job!.retryCount === 0) {
      events.emit('begun');
      await once(events, 'back');
    }
    done.push(job!.data.number);
    events.emit('done');
  });
  const begun = once(events, 'begun');
  await jobs.add(queue, [{ data: { number: 1 } }]);
  await begun;
  const told = once(events, 'told');
  const { port } = engine;
  await engine.stop();
  await told;
  await expect(jobs.add(queue, [{ data: { number: 0 } }])).rejects.toThrow();
  engine = await startPostgres({ dataDirectory, port });
  events.emit('back');
  await jobs.add(queue, [{ data: { number: 2 } }]);
  while (!done.includes(2)) await once(events, 'done');
  while (!done.includes(1)) await once(events, 'done');
  while ((await jobs.countOpen(queue)) > 0) await once(events, 'done');
  expect(new Set(done)).toEqual(new Set([1, 2]));
});
