// The program of a child process: runs one job after another, as its parent asks.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { answerDescriptor, memoryExitCode } from './child-protocol.js';
import { ByteReader } from './frames.js';
import type { JobFunction, JobRequest, JobResult } from './job.js';
import { writeAnswer } from './job-answer.js';

const handed = new ByteReader(process.stdin);
const output = new Socket({ fd: answerDescriptor, readable: false, writable: true });

// Where nobody else can see how much memory this process holds, it looks itself.
if (!existsSync('/proc/self/status')) {
  const memoryBytes = Number(process.argv[2]);
  setInterval(() => process.memoryUsage.rss() > memoryBytes && process.exit(memoryExitCode), 20).unref();
}

process.on('disconnect', () => process.exit());
process.on('message', (request: JobRequest) => void run(request));
process.send?.('ready');

async function run({ module, parameters }: JobRequest): Promise<void> {
  const input = Readable.from(handed.takeFrames(), { objectMode: false });
  let result: JobResult | Error;
  try {
    const { default: job } = (await import(module)) as { default: JobFunction };
    result = await job(input, parameters as never);
  } catch (error) {
    result = error instanceof Error ? error : new Error(String(error));
  }
  await writeAnswer(output, result);
  // What the job left unread stands before the next one's input.
  if (!input.readableEnded) {
    input.resume();
    await once(input, 'close');
  }
  process.send?.('ready');
}
