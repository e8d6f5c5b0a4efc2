import type { Readable } from 'node:stream';
import { readMail, type MailPart } from './read-mail.js';

/** What the parent knows of the mail. */
export interface ReadMailParameters {
  /** Of what is handed over. */
  readonly givenBytes: number;
  readonly sizeBytes: number;
  readonly part: MailPart;
}

/** Reads a mail in a process of its own; the contents of its files stand beside it, in their order. */
export default async function readMailJob(
  input: Readable,
  { givenBytes, sizeBytes, part }: ReadMailParameters,
) {
  const raw = Buffer.allocUnsafe(givenBytes);
  let at = 0;
  for await (const chunk of input as AsyncIterable<Buffer>) at += chunk.copy(raw, at);
  const { headers, files, ...mail } = await readMail(raw, sizeBytes, part);
  return {
    value: { ...mail, lines: headers.lines, files: files.map(({ content: _content, ...file }) => file) },
    contents: files.map(({ content }) => content),
  };
}
