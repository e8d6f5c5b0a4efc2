import type { Readable } from 'node:stream';

/** Limits of one kind of job. */
export interface JobLimits {
  /** From its start in the child until its result has arrived. */
  readonly deadlineMilliseconds: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
}

/** A function that runs in a child process, by the module whose default export it is. */
export interface Job {
  /** Its built module: `new URL('./read-mail.job.js', import.meta.url)`. */
  readonly module: URL;
  readonly limits: JobLimits;
}

/** The result of a job: a value that can be cloned, and contents beside it, which are not copied. */
export interface JobResult<Value = unknown> {
  readonly value: Value;
  readonly contents: readonly Buffer[];
}

/** What the module of a job exports as its default. */
export type JobFunction = (input: Readable, parameters: never) => Promise<JobResult>;

/** What the parent asks of a child. */
export interface JobRequest {
  readonly module: string;
  readonly parameters: unknown;
}
