import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases, eventually, type TestDatabases } from '@infratraq/engines';
import { sql } from 'kysely';
import pg from 'pg';
import {
  connectPostgres,
  defineQueue,
  migrate,
  openJobs,
  runAlone,
  watchCollectionStates,
  withSession,
  type Postgres,
  type PostgresOptions,
} from '../index.js';

let databases: TestDatabases;
let killer: pg.Client;
const opened: Postgres[] = [];
beforeAll(async () => {
  databases = await createTestDatabases({ mongodb: false });
  killer = new pg.Client({ connectionString: databases.postgresUrl });
  await killer.connect();
});
afterAll(async () => {
  await Promise.all(opened.map((postgres) => postgres.close()));
  await killer.end();
  await databases.drop();
});

async function open(options: Partial<PostgresOptions> = {}): Promise<Postgres> {
  const postgres = await connectPostgres({ url: databases.postgresUrl, ...options } as PostgresOptions);
  opened.push(postgres);
  return postgres;
}
/** Answers once the other end has heard of it. */
async function terminate(pid: number): Promise<void> {
  await killer.query('select pg_terminate_backend($1)', [pid]);
  await eventually(
    () => killer.query('select 1 from pg_stat_activity where pid = $1', [pid]),
    ({ rowCount }) => rowCount === 0,
  );
}
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
const backendOf = async (client: Pick<pg.ClientBase, 'query'>): Promise<number> =>
  (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid;

it('survives the end of a connection that a transaction holds between two statements', async () => {
  const errors: Error[] = [];
  const postgres = await open({ onIdleError: (error) => void errors.push(error) });
  const writing = postgres.transaction(async (transaction) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
    await terminate(rows[0]!.pid);
    await turn();
    await sql`select 1`.execute(transaction);
  });
  await expect(writing).rejects.toThrow(/connection|terminat/i);
  expect(errors[0]).toBeInstanceOf(Error);
  expect((await postgres.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

it("survives the same in a pool of the caller's, whose other listeners stay", async () => {
  const pool = new pg.Pool({ connectionString: databases.postgresUrl });
  const postgres = await open({ pool, url: undefined } as Partial<PostgresOptions>);
  const client = await pool.connect();
  await terminate(await backendOf(client));
  await turn();
  client.release();
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await postgres.close();
  await pool.end();
});

it('tells work over a session of its own that the session is lost', async () => {
  const postgres = await open();
  const reason = await runAlone(postgres, 'counting', async (signal) => {
    const { rows } = await killer.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'infratraq counting'`,
    );
    await terminate(rows[0]!.pid);
    await turn();
    return signal.reason as Error;
  });
  expect(reason).toBeInstanceOf(Error);
});

it('survives the end of each of its connections in turn, and goes on working', async () => {
  const postgres = await open();
  await migrate(postgres);
  const heard: Error[] = [];
  const states = await watchCollectionStates(postgres, (error) => void heard.push(error));
  const queue = defineQueue<{ part: string }>('lost-connections');
  const jobs = await openJobs({ postgres, queues: [queue], onError: (error) => void heard.push(error) });
  const done = new Set<string>();
  await jobs.work(queue, {}, async ([job]) => void done.add(job!.data.part));
  const others = `select pid, application_name from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`;
  const { rows } = await killer.query<{ pid: number; application_name: string }>(others);
  expect(new Set(rows.map(({ application_name }) => application_name))).toEqual(
    new Set(['infratraq', 'infratraq states', 'infratraq-jobs']),
  );
  for (const { pid } of rows) {
    await terminate(pid);
    const part = `P-${pid}`;
    await eventually(() => jobs.add(queue, [{ data: { part } }]));
    await eventually(
      async () => done.has(part),
      (isDone) => isDone,
    );
  }
  await eventually(() => states.refresh());
  await jobs.close();
  await states.close();
}, 60_000);

it('limits the time of a statement, of a wait for a lock, and of a transaction that does nothing', async () => {
  const limits = { statementMilliseconds: 300, lockMilliseconds: 100, idleTransactionMilliseconds: 100 };
  const postgres = await open({ timeLimits: limits });
  await expect(postgres.pool.query('select pg_sleep(5)')).rejects.toMatchObject({ code: '57014' });
  await withSession(postgres, 'holding', async (client) => {
    await client.query('select pg_advisory_lock(77)');
    await expect(postgres.pool.query('select pg_advisory_lock(77)')).rejects.toMatchObject({ code: '55P03' });
    // What is meant to take long may.
    await client.query('select pg_sleep(0.5)');
  });
  const idle = postgres.transaction(async (transaction) => {
    await sql`select 1`.execute(transaction);
    await new Promise((resolve) => setTimeout(resolve, 400));
    await sql`select 1`.execute(transaction);
  });
  await expect(idle).rejects.toThrow();
});

it('lets a migration take as long as it needs', async () => {
  const limits = { statementMilliseconds: 100, lockMilliseconds: 100, idleTransactionMilliseconds: 100 };
  const postgres = await open({ timeLimits: limits });
  const steps = [
    { name: '0001-slow', up: async (open: never) => void (await sql`select pg_sleep(0.4)`.execute(open)) },
  ];
  expect(await migrate(postgres, [{ owner: 'slow', steps }])).toContain('slow/0001-slow');
});
