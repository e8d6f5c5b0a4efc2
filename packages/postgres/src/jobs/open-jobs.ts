import { fromKysely, PgBoss, type Db } from 'pg-boss';
import { DefinitionError } from '@infratraq/kernel';
import { checkJobSettings, checkNewJobs, checkWorkers } from './check-job-settings.js';
import { JobsLostError, type JobQueue, type Jobs } from './jobs.js';
import type { Postgres } from '../connection/connect-postgres.js';
import { requireNoneHeld } from '../connection/held-connection.js';
import type { OpenTransaction } from '../transactions/open-transaction.js';

/** How jobs are kept. */
export interface JobsOptions {
  readonly postgres: Postgres;
  /** Every queue that is added to or worked on. */
  readonly queues: readonly JobQueue<object>[];
  /** Seconds after which a process that says nothing counts as dead and its jobs are given to others; 30 unless told. */
  readonly deadAfterSeconds?: number;
  /** Longest that a handler may take; its jobs go to another then. 15 minutes unless told. */
  readonly handlerSeconds?: number;
  /** Told of handlers that threw, whose jobs come again, and of faults of the queue itself. */
  readonly onError?: (error: Error) => void;
}

const daysInSeconds = 86_400;
// Work that takes longer comes again, elsewhere or after the restart.
const secondsToStop = 2;

/**
 * Opens the jobs of this database and prepares the queues.
 *
 * @throws DefinitionError `definition.jobs.…` for settings that can't be
 * @example
 * const mail = defineQueue<{ to: string }>('mail');
 * const jobs = await openJobs({ postgres, queues: [mail] });
 * await jobs.work(mail, { concurrency: 4 }, async ([job]) => sendMail(job!.data.to));
 * await jobs.add(mail, [{ data: { to: 'ada@example.com' } }]);
 */
export async function openJobs(options: JobsOptions): Promise<Jobs> {
  const { postgres, queues, deadAfterSeconds = 30, handlerSeconds = 900 } = options;
  checkJobSettings({ queues, deadAfterSeconds, handlerSeconds });
  const known = new Set(queues.map(({ name }) => name));
  const assertKnown = ({ name }: JobQueue<object>) => {
    if (!known.has(name))
      throw new DefinitionError(name, 'jobs.queue', 'List this queue where jobs are opened');
  };
  const superviseSeconds = Math.max(1, Math.floor(Math.min(deadAfterSeconds, handlerSeconds) / 3));
  const boss = new PgBoss({
    ...postgres.connection,
    createSchema: !(await hasSchema(postgres)),
    application_name: 'infratraq-jobs',
    max: 6,
    useListenNotify: true,
    schedule: false,
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
    registerInstance: false,
    // Vacuum is the operator's concern; tables of a development database have hardly been vacuumed yet.
    monitorVacuum: false,
  });
  boss.on('error', (error) => options.onError?.(error));
  await boss.start({ attempts: 3 });
  try {
    for (const queue of queues) await prepareQueue(boss, queue, { deadAfterSeconds, handlerSeconds });
  } catch (error) {
    await boss.stop({ graceful: false });
    throw error;
  }
  const worked = new Set<string>();
  let closing: Promise<void> | undefined;
  const stopping = new AbortController();
  return {
    async add(queue, jobs, { transaction } = {}) {
      assertKnown(queue);
      checkNewJobs(queue, jobs);
      if (jobs.length === 0) return;
      if (!transaction) requireNoneHeld();
      const rows = jobs.map(({ data, delayMilliseconds = 0, key }) => ({
        data,
        ...(delayMilliseconds > 0 && { startAfter: delayMilliseconds / 1_000 }),
        ...(key !== undefined && { singletonKey: key }),
      }));
      await boss.insert(queue.name, rows, transaction ? { db: within(transaction) } : {});
    },
    async work(queue, { batchSize = 1, concurrency = 1 }, handler) {
      assertKnown(queue);
      checkWorkers(queue.name, { batchSize, concurrency });
      worked.add(queue.name);
      const settings = {
        batchSize,
        includeMetadata: true as const,
        pollingIntervalSeconds: 1,
        // A notification that is missed costs this much.
        notifyPollingIntervalSeconds: 1,
      };
      const startWorker = async () => {
        const worker: { id?: string } = {};
        worker.id = await boss.work<NonNullable<(typeof queue)['carries']>>(
          queue.name,
          settings,
          async (jobs) => {
            try {
              const taken = jobs.map(({ id, data, retryCount }) => ({ id, data, retryCount }));
              await handler(taken, stopping.signal);
            } catch (error) {
              // Its jobs come again, and nobody else would tell.
              options.onError?.(error as Error);
              throw error;
            }
            // Where there was work there may be more; by polling alone a worker would take a batch a second.
            if (worker.id !== undefined) boss.notifyWorker(worker.id);
          },
        );
      };
      await Promise.all(Array.from({ length: concurrency }, startWorker));
    },
    async complete(queue, jobs, transaction) {
      const { affected } = (await boss.complete(queue.name, [...jobs], null, {
        db: within(transaction),
      })) as { affected: number };
      if (affected < jobs.length) throw new JobsLostError(queue.name);
    },
    async countOpen({ name }) {
      const { rows } = await postgres.pool.query<{ open: number }>(
        `select count(*)::int as open from pgboss.job where name = $1 and state < 'completed'`,
        [name],
      );
      return rows[0]?.open ?? 0;
    },
    close() {
      stopping.abort();
      closing ??= stop(boss, worked);
      return closing;
    },
  };
}

async function stop(boss: PgBoss, worked: Iterable<string>): Promise<void> {
  // Stopping lets go of other things first, and workers would take more jobs meanwhile.
  await Promise.all([...worked].map((queue) => boss.offWork(queue, { wait: false })));
  await boss.stop({ graceful: true, timeout: secondsToStop * 1_000 });
}

async function prepareQueue(
  boss: PgBoss,
  { name, keyed }: JobQueue<object>,
  { deadAfterSeconds, handlerSeconds }: { deadAfterSeconds: number; handlerSeconds: number },
): Promise<void> {
  const settings = {
    // What a handler throws is a fault of the surroundings (a database that is away): it is waited out.
    retryLimit: 100_000,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 60,
    expireInSeconds: handlerSeconds,
    // pg-boss takes no less than ten.
    heartbeatSeconds: Math.max(10, deadAfterSeconds),
    retentionSeconds: 90 * daysInSeconds,
    deleteAfterSeconds: 3_600,
    notify: true,
  };
  await boss.createQueue(name, { ...settings, ...(keyed && { policy: 'stately' }) });
  await boss.updateQueue(name, settings);
}

function within(transaction: OpenTransaction): Db {
  return fromKysely(transaction as Parameters<typeof fromKysely>[0]);
}

/** A role that may not make schemas gets one that is made for it. */
async function hasSchema({ pool }: Pick<Postgres, 'pool'>): Promise<boolean> {
  const { rows } = await pool.query<{ there: boolean }>(
    `select to_regnamespace('pgboss') is not null as there`,
  );
  return rows[0]?.there === true;
}
