import { InfratraqError } from '@infratraq/kernel';
import type { Job } from './job.js';

type Limit = 'deadline' | 'memory' | 'input-too-large' | 'output-too-large' | 'crashed';

/** The content is at fault: the same job ends in the same way again. */
export function contentFault(limit: Limit, { limits }: Job, memoryBytes = 0): InfratraqError {
  const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
  const messages: Readonly<Record<Limit, string>> = {
    deadline: `Reading the content takes longer than ${limits.deadlineMilliseconds} ms`,
    memory: `Reading the content takes more memory than ${mebibytes(memoryBytes)}`,
    'input-too-large': `The content is larger than ${mebibytes(limits.inputBytes)}`,
    'output-too-large': `The content unpacks to more than ${mebibytes(limits.outputBytes)}`,
    crashed: 'The process that read the content crashed',
  };
  return new InfratraqError(`confined.${limit}`, messages[limit], { status: 422 });
}

/** Nothing is known of the content: the job may succeed later. */
export function passingFault(fault: 'busy' | 'closed' | 'unavailable', cause?: unknown): InfratraqError {
  const messages = {
    busy: 'Too much content is waiting to be read; try again',
    closed: 'No more content is read: the process is closing',
    unavailable: 'No process could be started to read the content; try again',
  };
  return new InfratraqError(`confined.${fault}`, messages[fault], {
    status: 503,
    retryAfterMilliseconds: 5_000,
    cause,
  });
}
