import { InfratraqError } from '@infratraq/kernel';
import type { OpenTransaction } from '../transactions/open-transaction.js';

/** A queue and what its jobs carry. */
export interface JobQueue<Data extends object> {
  readonly name: string;
  /** At most one job with the same key waits and one runs; adding another changes nothing while one waits. */
  readonly keyed: boolean;
  /** Whose access limits what its jobs show: that of `recipients`, checked when a job runs, or nobody is shown anything. */
  readonly access?: 'recipients' | 'nobody';
  /** Only carries the type of the data. */
  readonly carries?: Data;
}

/** A job to be done. */
export interface NewJob<Data extends object> {
  readonly data: Data;
  /** Not before so long after it was added, on PostgreSQL's clock; at once when absent. */
  readonly delayMilliseconds?: number;
  readonly key?: string;
}

/** A job that a worker has taken. */
export interface TakenJob<Data extends object> {
  readonly id: string;
  readonly data: Data;
  /** How often it was taken before: by workers that died or failed. */
  readonly retryCount: number;
}

/** How jobs of a queue are taken. */
export interface WorkOptions {
  /** Jobs given to the handler at once. */
  readonly batchSize?: number;
  /** Handlers that run at once in this process. */
  readonly concurrency?: number;
}

/** Jobs in PostgreSQL: written in any transaction, done at least once, by any process. */
export interface Jobs {
  /** Adds jobs; within `transaction` where one is given, so that they exist if and only if it commits. */
  add<Data extends object>(
    queue: JobQueue<Data>,
    jobs: readonly NewJob<Data>[],
    options?: { transaction?: OpenTransaction },
  ): Promise<void>;
  /**
   * Does the jobs of a queue until `close`. A handler that throws gives its jobs back, and they come again later;
   * jobs that it returns from are done. A process that dies gives them back too, once it is missed. `signal` is aborted
   * when the jobs are closed: a handler that has not ended two seconds later gives its jobs back.
   */
  work<Data extends object>(
    queue: JobQueue<Data>,
    options: WorkOptions,
    handler: (jobs: readonly TakenJob<Data>[], signal: AbortSignal) => Promise<void>,
  ): Promise<void>;
  /**
   * Marks taken jobs as done within a transaction, together with what follows from them.
   * @throws JobsLostError when another worker has taken one of them meanwhile
   */
  complete<Data extends object>(
    queue: JobQueue<Data>,
    jobs: readonly TakenJob<Data>[],
    transaction: OpenTransaction,
  ): Promise<void>;
  /** How many jobs wait or run. */
  countOpen(queue: JobQueue<object>): Promise<number>;
  /** Lets running handlers finish, for a moment, and stops. */
  close(): Promise<void>;
}

/** Another worker has taken over; what was about to be written with the jobs is not to be. */
export class JobsLostError extends InfratraqError {
  constructor(queue: string) {
    super(
      'jobs.lost',
      `Jobs of ${queue} ran longer than they may and were given to another worker; nothing needs to be done`,
      { status: 409 },
    );
  }
}

/** Declares a queue. */
export function defineQueue<Data extends object>(
  name: string,
  { keyed = false, access }: Partial<Pick<JobQueue<Data>, 'keyed' | 'access'>> = {},
): JobQueue<Data> {
  return Object.freeze({ name, keyed, ...(access && { access }) });
}
