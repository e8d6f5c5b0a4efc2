import { InfratraqError } from '@infratraq/kernel';
import type { Writable } from 'node:stream';
import { deserialize, serialize } from 'node:v8';
import { writeFrame, type ByteReader } from './frames.js';
import type { JobResult } from './job.js';

interface Answer {
  readonly value?: unknown;
  readonly sizes: readonly number[];
  readonly failure?: {
    readonly code: string;
    readonly message: string;
    readonly status: InfratraqError['status'];
  };
}

/** Writes a job's result: its size, its value, then its contents. */
export async function writeAnswer(to: Writable, result: JobResult | Error): Promise<void> {
  const contents = result instanceof Error ? [] : result.contents;
  const answer: Answer =
    result instanceof Error
      ? { sizes: [], failure: describeFailure(result) }
      : { value: result.value, sizes: contents.map(({ length }) => length) };
  const head = serialize(answer);
  const size = Buffer.allocUnsafe(4);
  size.writeUInt32LE(head.length + contents.reduce((sum, { length }) => sum + length, 0));
  to.write(size);
  await writeFrame(to, head);
  for (const content of contents) to.write(content);
}

/**
 * Reads what the child answers, which may be anything once its content has taken it over: no more than `outputBytes` are
 * read. Answers the job's own error as such.
 * @throws Error that `refuse` makes when the answer is too large; Error when the stream ends
 */
export async function readAnswer(
  from: ByteReader,
  outputBytes: number,
  refuse: () => Error,
): Promise<JobResult | InfratraqError> {
  const total = await from.takeLength();
  if (total > outputBytes) throw refuse();
  const headBytes = await from.takeLength();
  if (headBytes > total) throw refuse();
  const { value, sizes, failure } = deserialize(await from.take(headBytes)) as Answer;
  if (failure) return new InfratraqError(failure.code, failure.message, { status: failure.status });
  if (sizes.reduce((sum, size) => sum + size, headBytes) !== total) throw refuse();
  const contents: Buffer[] = [];
  for (const size of sizes) contents.push(await from.take(size));
  return { value, contents };
}

const longestMessage = 2_000;

function describeFailure(error: Error): NonNullable<Answer['failure']> {
  const message = error.message.slice(0, longestMessage);
  return error instanceof InfratraqError
    ? { code: error.code, message, status: error.status }
    : { code: 'confined.failed', message, status: 422 };
}
