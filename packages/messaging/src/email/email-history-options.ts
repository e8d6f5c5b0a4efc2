import type { EntityAccess, EntityFiles } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import type { ObjectStore } from '@infratraq/objects';
import type { MailAddressing } from './mail-addressing.js';
import type { Bounce } from './parsing/read-bounce.js';

/** Storage, addresses and ports of email history. */
export interface EmailHistoryOptions {
  readonly models: Models;
  /** Decides who may see an entity, and with it the mails about it. */
  readonly access: EntityAccess;
  /** Keeps mails as they came, and their files. */
  readonly objects: ObjectStore;
  readonly addressing: MailAddressing;
  /** Adds the files of mails to the files of their entities; without it they stay with their mails. */
  readonly files?: EntityFiles;
  /** Receives bounces of mail that was sent from here, with the report; after a crash the same one may come again. */
  readonly onBounce?: (bounce: Bounce, report: Buffer) => Promise<void> | void;
  /** Receives reports that a mail was called spam (RFC 5965); after a crash the same one may come again. */
  readonly onComplaint?: (report: Buffer) => Promise<void> | void;
  /** Scans files that belong to no entity before each download; without it they are not scanned. */
  readonly scanner?: MailFileScanner | undefined;
  /** @default the system clock */
  readonly now?: () => Date;
}

/** Scans a file for malware; throws when it cannot tell. */
export interface MailFileScanner {
  scan(content: NodeJS.ReadableStream): Promise<{ readonly verdict: 'clean' | 'infected' | 'unscannable' }>;
}
