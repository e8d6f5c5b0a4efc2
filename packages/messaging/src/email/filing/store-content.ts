import type { ObjectStore } from '@infratraq/objects';
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { EmailAttachment } from '../../collections/email-communication-parts.js';
import type { MailFile } from '../parsing/read-mail.js';

/** Where mails are in object storage. */
const rawMailPrefix = 'mail/raw/';
/** Where files of mails are; equal content is stored once. */
const mailFilesPrefix = 'mail/files/';

/** Hexadecimal SHA-256. */
function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A mail that is too large to be held in memory. */
export interface LargeMail {
  /** Its first bytes, the header among them. */
  readonly head: Buffer;
  readonly size_bytes: number;
  readonly open: () => Promise<Readable>;
}

/** Content of a mail before it is parsed. */
export interface MailContent {
  readonly head: Buffer;
  readonly size_bytes: number;
  /** Hexadecimal SHA-256; of a large mail, that of its head. */
  readonly digest: string;
  readonly key: string;
  readonly store: (objects: ObjectStore) => Promise<void>;
}

const rawType = 'message/rfc822';

/** Derives a mail's storage key from its content. */
export function describeContent(raw: Buffer | LargeMail): MailContent {
  if (Buffer.isBuffer(raw)) {
    const digest = digestOf(raw);
    const key = `${rawMailPrefix}${digest}.eml`;
    const store = (objects: ObjectStore) => storeOnce(objects, key, raw, digest, rawType);
    return { head: raw, size_bytes: raw.length, digest, key, store };
  }
  const { head, size_bytes, open } = raw;
  const digest = digestOf(head);
  const key = `${rawMailPrefix}${digest}-${size_bytes}.eml`;
  return {
    head,
    size_bytes,
    digest,
    key,
    // Stored whole or not at all.
    store: async (objects) => {
      if (await objects.head(key)) return;
      await objects.put(key, await open(), { contentType: rawType });
    },
  };
}

/** Stores the files of a mail and returns their records. */
export async function storeFiles(
  objects: ObjectStore,
  files: readonly MailFile[],
): Promise<EmailAttachment[]> {
  const records: EmailAttachment[] = [];
  for (const { content, ...described } of files) {
    const { sha256 } = described;
    const object_key = `${mailFilesPrefix}${sha256}`;
    await storeOnce(objects, object_key, content, sha256, 'application/octet-stream');
    records.push({ ...described, object_key, size_bytes: content.length });
  }
  return records;
}

// The key derives from the content, so an existing object has the same content.
async function storeOnce(
  objects: ObjectStore,
  key: string,
  content: Buffer,
  sha256: string,
  contentType: string,
): Promise<void> {
  if (await objects.head(key)) return;
  try {
    await objects.put(key, content, { ifAbsent: true, sha256, sizeBytes: content.length, contentType });
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'object.exists') throw error;
  }
}
