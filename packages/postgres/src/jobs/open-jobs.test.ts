import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { once, EventEmitter } from 'node:events';
import { connectPostgres, type Postgres } from '../connection/connect-postgres.js';
import { defineQueue, JobsLostError, type Jobs, type TakenJob } from './jobs.js';
import { openJobs, type JobsOptions } from './open-jobs.js';

interface Numbered {
  readonly number: number;
}
const plain = defineQueue<Numbered>('plain');
const keyed = defineQueue<Numbered>('keyed', { keyed: true });

let databases: TestDatabases;
let postgres: Postgres;
const opened: Jobs[] = [];

beforeAll(async () => {
  databases = await createTestDatabases({ mongodb: false });
  postgres = await connectPostgres({ url: databases.postgresUrl });
});
afterEach(async () => {
  for (const jobs of opened.splice(0)) await jobs.close();
  await postgres.pool.query('delete from pgboss.job');
});
afterAll(async () => {
  await postgres.close();
  await databases.drop();
});

async function open(more: Partial<JobsOptions> = {}): Promise<Jobs> {
  const jobs = await openJobs({ postgres, queues: [plain, keyed], ...more });
  opened.push(jobs);
  return jobs;
}

/** A handler that keeps what it is given, for a test to wait for. */
function keepTaken(work: (jobs: readonly TakenJob<Numbered>[]) => Promise<void> | void = () => undefined) {
  const taken: TakenJob<Numbered>[] = [];
  const batches: number[] = [];
  const happened = new EventEmitter();
  return {
    taken,
    batches,
    handler: async (jobs: readonly TakenJob<Numbered>[]) => {
      taken.push(...jobs);
      batches.push(jobs.length);
      happened.emit('taken');
      await work(jobs);
    },
    async reaches(count: number) {
      while (taken.length < count) await once(happened, 'taken');
      return taken.map(({ data }) => data.number);
    },
  };
}
const numbered = (count: number) => Array.from({ length: count }, (_, number) => ({ data: { number } }));

describe('jobs', () => {
  it('are done once each, one after another without a pause between', async () => {
    const [jobs, kept] = [await open(), keepTaken()];
    // By polling alone a worker would take one a second: all of them would take longer than a test may.
    const count = 240;
    await jobs.add(plain, numbered(count));
    await jobs.work(plain, {}, kept.handler);
    expect((await kept.reaches(count)).sort((left, right) => left - right)).toEqual(
      numbered(count).map(({ data }) => data.number),
    );
    await jobs.close();
    expect(kept.taken).toHaveLength(count);
    expect(await jobs.countOpen(plain)).toBe(0);
  });

  it('come in batches, and as many at once as was asked for', async () => {
    const jobs = await open();
    let [running, most] = [0, 0];
    const begun = new EventEmitter();
    const kept = keepTaken(async () => {
      most = Math.max(most, (running += 1));
      begun.emit('begun');
      // The first ones wait for each other.
      while (most < 3) await once(begun, 'begun');
      running -= 1;
    });
    await jobs.add(plain, numbered(40));
    await jobs.work(plain, { batchSize: 8, concurrency: 3 }, kept.handler);
    await kept.reaches(40);
    expect(Math.max(...kept.batches)).toBe(8);
    expect(most).toBe(3);
  });

  it('wait until they are due, and those that are due go ahead of them', async () => {
    const [jobs, kept] = [await open(), keepTaken()];
    await jobs.work(plain, {}, kept.handler);
    const minute = 60_000;
    await jobs.add(plain, [
      { data: { number: 1 }, delayMilliseconds: 2 * minute },
      { data: { number: 2 }, delayMilliseconds: -minute },
    ]);
    expect(await kept.reaches(1)).toEqual([2]);
    const { rows } = await postgres.pool.query<{ early: boolean }>(
      `select start_after > now() as early from pgboss.job where data->>'number' = '1'`,
    );
    expect(rows).toEqual([{ early: true }]);
    // Its time comes: jobs go by PostgreSQL's clock.
    await postgres.pool.query(`update pgboss.job set start_after = now() where data->>'number' = '1'`);
    expect(await kept.reaches(2)).toEqual([2, 1]);
  });

  it('come again after a handler has thrown, which is told', async () => {
    const told: Error[] = [];
    const jobs = await open({ onError: (error) => told.push(error) });
    const kept = keepTaken(([job]) => {
      if (job!.retryCount === 0) throw new Error('the database is away');
    });
    await jobs.work(plain, {}, kept.handler);
    await jobs.add(plain, numbered(1));
    await kept.reaches(2);
    expect(kept.taken.map(({ retryCount }) => retryCount)).toEqual([0, 1]);
    expect(new Set(kept.taken.map(({ id }) => id)).size).toBe(1);
    expect(told.map(({ message }) => message)).toEqual(['the database is away']);
  });

  it('with a key wait once, and again once they run', async () => {
    const jobs = await open();
    const release = new EventEmitter();
    const kept = keepTaken(([job]) =>
      job!.data.number === 1 ? once(release, 'go').then(() => undefined) : undefined,
    );
    const add = (number: number) => jobs.add(keyed, [{ data: { number }, key: 'same' }]);
    await add(1);
    await add(2);
    expect(await jobs.countOpen(keyed)).toBe(1);
    await jobs.work(keyed, {}, kept.handler);
    await kept.reaches(1);
    await add(3);
    await add(4);
    expect(await jobs.countOpen(keyed)).toBe(2);
    release.emit('go');
    expect(await kept.reaches(2)).toEqual([1, 3]);
  });
});

describe('a transaction', () => {
  it('adds jobs if and only if it commits', async () => {
    const [jobs, kept] = [await open(), keepTaken()];
    await jobs.work(plain, {}, kept.handler);
    const add = (number: number, fails: boolean) =>
      postgres.db.transaction().execute(async (transaction) => {
        await jobs.add(plain, [{ data: { number } }], { transaction });
        if (fails) throw new Error('the work failed');
      });
    await expect(add(1, true)).rejects.toThrow('the work failed');
    await add(2, false);
    expect(await kept.reaches(1)).toEqual([2]);
    await jobs.close();
    expect(kept.taken).toHaveLength(1);
  });

  it('ends jobs together with what follows from them, or not at all', async () => {
    const jobs = await open();
    let tries = 0;
    const looked = new EventEmitter();
    const hasLooked = once(looked, 'looked');
    const kept = keepTaken((taken) =>
      postgres.db.transaction().execute(async (transaction) => {
        await jobs.add(keyed, [{ data: { number: 9 }, key: 'follows' }], { transaction });
        await jobs.complete(plain, taken, transaction);
        tries += 1;
        if (tries === 1) throw new Error('it did not commit');
        await hasLooked;
      }),
    );
    await jobs.add(plain, numbered(1));
    await jobs.work(plain, {}, kept.handler);
    await kept.reaches(1);
    expect(await jobs.countOpen(keyed)).toBe(0);
    looked.emit('looked');
    await kept.reaches(2);
    await jobs.close();
    expect([await jobs.countOpen(plain), await jobs.countOpen(keyed)]).toEqual([0, 1]);
  });

  it('ends no job that another worker has taken over', async () => {
    const jobs = await open();
    const lost = new Promise<unknown>((resolve) => {
      void jobs.work(plain, {}, async (taken) => {
        await postgres.pool.query(`update pgboss.job set state = 'retry' where name = 'plain'`);
        const end = postgres.db.transaction().execute(async (transaction) => {
          await jobs.add(keyed, [{ data: { number: 9 }, key: 'follows' }], { transaction });
          await jobs.complete(plain, taken, transaction);
        });
        await end.catch(resolve);
      });
    });
    await jobs.add(plain, numbered(1));
    expect(await lost).toBeInstanceOf(JobsLostError);
    expect(await jobs.countOpen(keyed)).toBe(0);
  });
});

it('lets running handlers finish when it closes, and begins no other', async () => {
  const jobs = await open();
  const events = new EventEmitter();
  let isDone = false;
  const kept = keepTaken(async () => {
    await once(events, 'go');
    isDone = true;
  });
  await jobs.add(plain, numbered(50));
  await jobs.work(plain, {}, kept.handler);
  // Which of those that were added together is the first is for PostgreSQL to say.
  const [first] = await kept.reaches(1);
  const closing = jobs.close().then(() => isDone);
  events.emit('go');
  expect(await closing).toBe(true);
  expect(kept.taken).toHaveLength(1);
  expect(await jobs.countOpen(plain)).toBe(49);
  const next = keepTaken();
  await (await open()).work(plain, {}, next.handler);
  expect(await next.reaches(49)).not.toContain(first);
});

describe('what can not be is refused', () => {
  it.each<[string, Partial<JobsOptions>]>([
    ['definition.jobs.seconds', { handlerSeconds: 0 }],
    ['definition.jobs.seconds', { handlerSeconds: 2.5 }],
    ['definition.jobs.seconds', { handlerSeconds: 90_000 }],
    ['definition.jobs.seconds', { deadAfterSeconds: Number.NaN }],
    ['definition.jobs.name', { queues: [defineQueue('no spaces please')] }],
    ['definition.jobs.name', { queues: [defineQueue('')] }],
    ['definition.jobs.twice', { queues: [plain, defineQueue('plain')] }],
  ])('with %s for %j', async (code, options) => {
    await expect(openJobs({ postgres, queues: [plain], ...options })).rejects.toMatchObject({ code });
  });

  it('where jobs are added or worked on', async () => {
    const jobs = await open();
    const add = (job: object) => jobs.add(plain, [{ data: { number: 1 }, ...job }]);
    await expect(add({ delayMilliseconds: Number.NaN })).rejects.toMatchObject({ code: 'jobs.delay' });
    await expect(add({ delayMilliseconds: Infinity })).rejects.toMatchObject({ code: 'jobs.delay' });
    await expect(add({ key: 'a' })).rejects.toMatchObject({ code: 'jobs.key' });
    await expect(jobs.add(keyed, numbered(1))).rejects.toMatchObject({ code: 'jobs.key' });
    const unknown = defineQueue<Numbered>('unknown');
    await expect(jobs.add(unknown, numbered(1))).rejects.toMatchObject({ code: 'definition.jobs.queue' });
    const work = (options: object) => jobs.work(plain, options, async () => undefined);
    for (const options of [{ batchSize: 0 }, { concurrency: 1.5 }])
      await expect(work(options)).rejects.toMatchObject({ code: 'definition.jobs.workers' });
    await expect(jobs.work(unknown, {}, async () => undefined)).rejects.toMatchObject({
      code: 'definition.jobs.queue',
    });
    expect(await jobs.countOpen(plain)).toBe(0);
  });
});
