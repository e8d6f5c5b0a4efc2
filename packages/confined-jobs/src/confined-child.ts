import { InfratraqError } from '@infratraq/kernel';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { answerDescriptor, memoryExitCode } from './child-protocol.js';
import { contentFault, passingFault } from './errors.js';
import { ByteReader, writeFrame } from './frames.js';
import { readAnswer } from './job-answer.js';
import type { Job, JobRequest, JobResult } from './job.js';
import { measureMemory } from './measure-memory.js';

const watchMilliseconds = 10;
const mebibyte = 1024 * 1024;
/** A child that holds more than this part of its limit after a job is replaced. */
const reusablePart = 0.7;
/** What one job has left behind in a child reaches so many others at most. */
const mostJobs = 500;

// From source, the repository's hooks compile TypeScript; the published package is JavaScript.
const isSource = import.meta.url.endsWith('.ts');
const hooks = new URL('../../../tools/swc-hooks.mjs', import.meta.url).href;

/** A child process that runs one job at a time. A job that breaks a limit ends with its process. */
export class ConfinedChild {
  readonly #memoryBytes: number;
  readonly #process: ChildProcess;
  readonly #output: Readable;
  readonly #answers: ByteReader;
  readonly #input: Writable;
  /** Resolves once another job may be sent. */
  #ready: Promise<unknown>;
  readonly #ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  #isEnded = false;
  #jobs = 0;

  constructor(memoryBytes: number) {
    this.#memoryBytes = memoryBytes;
    this.#process = startProcess(memoryBytes);
    this.#input = this.#process.stdin as Writable;
    this.#output = this.#process.stdio[answerDescriptor] as Readable;
    this.#answers = new ByteReader(this.#output);
    this.#ended = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null) => {
        this.#isEnded = true;
        resolve([code, signal]);
      };
      this.#process.on('exit', end);
      this.#process.on('error', () => end(null, null));
    });
    // The end of the process says what broken pipes say.
    for (const stream of [this.#input, this.#output]) stream.on('error', () => undefined);
    this.#ready = once(this.#process, 'message');
    this.#ready.catch(() => undefined);
    this.#keepParent(false);
  }

  /** Whether another job may run here. */
  get isReusable(): boolean {
    return !this.#isEnded && this.#jobs < mostJobs && this.#memory() < this.#memoryBytes * reusablePart;
  }

  /** @throws InfratraqError with status 422 if the content is at fault, 503 for faults that pass */
  async run(job: Job, input: Buffer | Readable, parameters: unknown): Promise<JobResult> {
    this.#jobs += 1;
    this.#keepParent(true);
    try {
      await Promise.race([
        this.#ready,
        this.#ended.then(([code, signal]) => {
          throw passingFault('unavailable', new Error(`The process ended with ${signal ?? code}`));
        }),
      ]);
      const answer = await this.#confine(job, input, parameters);
      if (answer instanceof InfratraqError) throw answer;
      return answer;
    } finally {
      this.#keepParent(false);
    }
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  async #confine(
    job: Job,
    input: Buffer | Readable,
    parameters: unknown,
  ): Promise<JobResult | InfratraqError> {
    const limits = this.#watch(job);
    const reading = { isDone: false };
    try {
      this.#ready = once(this.#process, 'message');
      this.#process.send({ module: moduleOf(job), parameters } satisfies JobRequest);
      const answering = readAnswer(this.#answers, job.limits.outputBytes, () =>
        contentFault('output-too-large', job),
      );
      const all = Promise.all([
        answering.finally(() => (reading.isDone = true)).catch((error) => this.#explain(error, job)),
        this.#write(job, input, reading),
        this.#ready,
      ]);
      const [answer] = await Promise.race([all, limits.breach, this.#died(job)]);
      return answer;
    } catch (error) {
      await this.kill();
      throw error;
    } finally {
      limits.end();
    }
  }

  /** Watches time and memory of a job; `breach` only ever rejects. */
  #watch(job: Job): { readonly breach: Promise<never>; readonly end: () => void } {
    const timers: NodeJS.Timeout[] = [];
    const breach = new Promise<never>((_resolve, reject) => {
      const { deadlineMilliseconds } = job.limits;
      const check = () => {
        if (this.#memory() > this.#memoryBytes) reject(contentFault('memory', job, this.#memoryBytes));
      };
      timers.push(
        setTimeout(() => reject(contentFault('deadline', job)), deadlineMilliseconds),
        setInterval(check, watchMilliseconds),
      );
    });
    return { breach, end: () => timers.forEach((timer) => clearTimeout(timer)) };
  }

  /** Hands over the input until the job has answered: it may not need all of it. */
  async #write(job: Job, input: Buffer | Readable, reading: { isDone: boolean }): Promise<void> {
    let bytes = 0;
    for await (const chunk of Buffer.isBuffer(input) ? [input] : (input as AsyncIterable<Buffer>)) {
      bytes += chunk.length;
      if (bytes > job.limits.inputBytes) throw contentFault('input-too-large', job);
      if (reading.isDone) break;
      if (chunk.length > 0) await writeFrame(this.#input, chunk);
    }
    await writeFrame(this.#input, new Uint8Array());
  }

  async #died(job: Job): Promise<never> {
    const [code, signal] = await this.#ended;
    // V8 aborts when its heap is full.
    const isFull = code === memoryExitCode || code === 134 || signal === 'SIGABRT';
    throw contentFault(isFull ? 'memory' : 'crashed', job, this.#memoryBytes);
  }

  /** A stream that ends too soon says less than the end of its process. */
  #explain(error: unknown, job: Job): Promise<never> {
    if (error instanceof InfratraqError) throw error;
    return this.#died(job);
  }

  #memory(): number {
    return measureMemory(this.#process.pid ?? 0) ?? 0;
  }

  /** Whether the parent stays alive for this child. */
  #keepParent(keeps: boolean): void {
    const streams = [this.#input, this.#output] as unknown as Socket[];
    for (const held of [this.#process, this.#process.channel, ...streams]) held?.[keeps ? 'ref' : 'unref']();
  }
}

function startProcess(memoryBytes: number): ChildProcess {
  const program = new URL(`./run-jobs.${isSource ? 'ts' : 'js'}`, import.meta.url);
  return fork(fileURLToPath(program), [String(memoryBytes)], {
    execArgv: [
      ...(isSource ? ['-C', '@infratraq/source', '--import', hooks] : []),
      `--max-old-space-size=${Math.max(32, Math.floor(memoryBytes / 2 / mebibyte))}`,
      '--max-semi-space-size=4',
    ],
    // No secret of the parent is in reach of what the content may make of the child.
    env: { PATH: process.env['PATH'], MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '2', VIPS_CONCURRENCY: '1' },
    stdio: ['pipe', 'ignore', 'ignore', 'ipc', 'pipe'],
    serialization: 'advanced',
  });
}

/** Jobs are named by their built module, which a checkout may not have. */
function moduleOf({ module }: Job): string {
  const source = new URL(module.href.replace(/\.js$/, '.ts'));
  return isSource && existsSync(source) ? source.href : module.href;
}
