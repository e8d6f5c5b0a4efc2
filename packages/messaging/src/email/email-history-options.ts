import type { EntityAccess, EntityFiles } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import type { ObjectStore } from '@infratraq/objects';
import type { MailAddressing } from './mail-addressing.js';
import type { ConfinedJobs } from '@infratraq/confined-jobs';
import type { Bounce } from './parsing/read-bounce.js';
import type { MailFault } from './parsing/read-mail.js';

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
  /** Reads mails in processes of their own. @default one of this history's own */
  readonly confinedJobs?: ConfinedJobs;
  /** Receives bounces that arrived at the return path of the mail, with the report; after a crash the same one may come again. */
  readonly onBounce?: (bounce: Bounce, report: Buffer) => Promise<void> | void;
  /** Receives spam reports (RFC 5965) that arrived at the return path of the mail; after a crash the same one may come again. */
  readonly onComplaint?: (complaint: Pick<Bounce, 'message_id'>, report: Buffer) => Promise<void> | void;
  /** Receives bounces and complaints that arrived anywhere else, which anybody may have written: the mail is only marked. */
  readonly onUnsignedReport?: (report: UnsignedReport) => Promise<void> | void;
  /** Receives mails that broke a limit when they were read: they are kept as they came, with their header at most. */
  readonly onUnread?: (mail: UnreadMail) => Promise<void> | void;
  /** Scans files that belong to no entity before each download; without it they are not scanned. */
  readonly scanner?: MailFileScanner | undefined;
  /** @default the system clock */
  readonly now?: () => Date;
}

/** Scans a file for malware; throws when it cannot tell. */
export interface MailFileScanner {
  scan(content: NodeJS.ReadableStream): Promise<{ readonly verdict: 'clean' | 'infected' | 'unscannable' }>;
}

/** A bounce or complaint that nobody vouches for. */
export interface UnsignedReport extends Bounce {
  readonly kind: 'bounce' | 'complaint';
  /** The mail that reports it. */
  readonly email_id: string;
}

/** A mail that could not be read, and the limit that it broke (`confined.deadline`). */
export interface UnreadMail extends MailFault {
  readonly email_id: string;
  readonly raw_object_key: string;
}
