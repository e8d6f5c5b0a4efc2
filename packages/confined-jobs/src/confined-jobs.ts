import type { Readable } from 'node:stream';
import { ConfinedChild } from './confined-child.js';
import { contentFault, passingFault } from './errors.js';
import type { Job, JobResult } from './job.js';

/** How many children run at once, and how much each may hold. */
interface ConfinedJobsOptions {
  /** @default 1 */
  readonly atOnce?: number;
  /** Resident memory of one child. @default 192 MiB */
  readonly memoryBytes?: number;
  /** Jobs that wait for a child; more are refused. @default 100 */
  readonly waiting?: number;
  /** An idle child ends after this time. @default 30,000 */
  readonly idleMilliseconds?: number;
}

/** Runs jobs over content that nobody vouches for, in child processes. */
export interface ConfinedJobs {
  /**
   * Runs a job, and kills its process when it breaks a limit. The parent holds the input, if it is a buffer, and an output
   * of limited size.
   *
   * @throws InfratraqError with status 422 if the content is at fault: `confined.deadline`, `confined.memory`,
   * `confined.input-too-large`, `confined.output-too-large`, `confined.crashed`, `confined.failed`, or the job's own; with
   * status 503 for faults that pass: `confined.busy`, `confined.unavailable`, `confined.closed`; an error of the input as
   * it is
   */
  run<Value>(job: Job, input: Buffer | Readable, parameters?: unknown): Promise<JobResult<Value>>;
  /** Ends all children; jobs that run fail with `confined.closed`. */
  close(): Promise<void>;
}

/**
 * Children start when there is something to do, end when they are idle, and never keep the process alive.
 *
 * @example
 * const jobs = createConfinedJobs({ atOnce: 2 });
 * const { value } = await jobs.run({ module, limits }, content);
 */
export function createConfinedJobs(options: ConfinedJobsOptions = {}): ConfinedJobs {
  return new ChildPool(options);
}

const mebibyte = 1024 * 1024;

class ChildPool implements ConfinedJobs {
  readonly #options: Required<ConfinedJobsOptions>;
  readonly #idle: ConfinedChild[] = [];
  readonly #busy = new Set<ConfinedChild>();
  readonly #queue: (() => void)[] = [];
  #running = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor({
    atOnce = 1,
    memoryBytes = 192 * mebibyte,
    waiting = 100,
    idleMilliseconds = 30_000,
  }: ConfinedJobsOptions) {
    this.#options = { atOnce, memoryBytes, waiting, idleMilliseconds };
  }

  async run<Value>(job: Job, input: Buffer | Readable, parameters?: unknown): Promise<JobResult<Value>> {
    if (Buffer.isBuffer(input) && input.length > job.limits.inputBytes)
      throw contentFault('input-too-large', job);
    // Its fault may come before anybody reads it; reading tells it.
    if (!Buffer.isBuffer(input)) input.on('error', () => undefined);
    await this.#takeTurn();
    try {
      if (this.#isClosed) throw passingFault('closed');
      return (await this.#runInChild(job, input, parameters)) as JobResult<Value>;
    } finally {
      this.#running -= 1;
      this.#queue.shift()?.();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const wake of this.#queue.splice(0)) wake();
    await Promise.all([...this.#idle.splice(0), ...this.#busy].map((child) => child.kill()));
  }

  async #takeTurn(): Promise<void> {
    if (this.#running >= this.#options.atOnce) {
      if (this.#queue.length >= this.#options.waiting) throw passingFault('busy');
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    }
    this.#running += 1;
  }

  async #runInChild(job: Job, input: Buffer | Readable, parameters: unknown): Promise<JobResult> {
    const child = this.#takeChild();
    this.#busy.add(child);
    try {
      return await child.run(job, input, parameters);
    } catch (error) {
      // A job that was broken off says nothing about its content.
      throw this.#isClosed ? passingFault('closed', error) : error;
    } finally {
      this.#busy.delete(child);
      if (child.isReusable && !this.#isClosed) this.#keepIdle(child);
      else await child.kill();
    }
  }

  #takeChild(): ConfinedChild {
    for (let child = this.#idle.pop(); child; child = this.#idle.pop()) if (child.isReusable) return child;
    return new ConfinedChild(this.#options.memoryBytes);
  }

  #keepIdle(child: ConfinedChild): void {
    this.#idle.push(child);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      for (const idle of this.#idle.splice(0)) void idle.kill();
    }, this.#options.idleMilliseconds).unref();
  }
}
