import type { ConfinedJobs } from '@infratraq/confined-jobs';
import { InfratraqError } from '@infratraq/kernel';
import { MailHeaders, type RawHeader } from './mail-headers.js';
import { mailLimits } from './mail-limits.js';
import type { ReadMailParameters } from './read-mail.job.js';
import type { MailFault, MailFile, MailPart, ReadMail } from './read-mail.js';

const mebibyte = 1024 * 1024;
const job = {
  module: new URL('./read-mail.job.js', import.meta.url),
  limits: {
    deadlineMilliseconds: 10_000,
    inputBytes: mailLimits.rawBytes,
    // Files are no larger than the mail that they were in; then texts and headers.
    outputBytes: mailLimits.rawBytes + 16 * mebibyte,
  },
};

type Answered = Omit<ReadMail, 'headers' | 'files'> & {
  readonly lines: readonly RawHeader[];
  readonly files: readonly Omit<MailFile, 'content'>[];
};

/**
 * Reads a mail in a process of its own. Of a mail that breaks a limit there, only the header is read, or nothing if that
 * breaks a limit too.
 *
 * @throws InfratraqError with status 503 while no process can read it
 */
export async function readMailApart(jobs: ConfinedJobs, raw: Buffer, sizeBytes: number): Promise<ReadMail> {
  const head = raw.subarray(0, mailLimits.headerBytes);
  try {
    return await read(jobs, sizeBytes > mailLimits.rawBytes ? head : raw, sizeBytes, 'whole');
  } catch (error) {
    const fault = faultOf(error);
    const header = await read(jobs, head, sizeBytes, 'header').catch((again: unknown) => {
      faultOf(again);
      return nothing;
    });
    return { ...header, fault, defects: [...header.defects, fault.code] };
  }
}

async function read(jobs: ConfinedJobs, raw: Buffer, sizeBytes: number, part: MailPart): Promise<ReadMail> {
  const parameters: ReadMailParameters = { givenBytes: raw.length, sizeBytes, part };
  const { value, contents } = await jobs.run<Answered>(job, raw, parameters);
  const { lines, files, ...mail } = value;
  return {
    ...mail,
    headers: new MailHeaders(lines),
    files: files.map((file, place) => ({ ...file, content: contents[place] as Buffer })),
  };
}

/** @throws the error, unless the mail is at fault */
function faultOf(error: unknown): MailFault {
  if (!(error instanceof InfratraqError) || error.status !== 422) throw error;
  return { code: error.code, message: error.message };
}

const nothing: ReadMail = {
  message_id: undefined,
  headers: new MailHeaders([]),
  from: undefined,
  to: [],
  cc: [],
  bcc: [],
  reply_to: [],
  subject: '',
  text: '',
  html: '',
  is_truncated: false,
  header_date: undefined,
  in_reply_to: undefined,
  references: [],
  files: [],
  defects: [],
};
