import { warnOfError, type EntityReference, type ReportError } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import type { ObjectStore } from '@infratraq/objects';
import { checkRules, defaultAttachmentRules, type AttachmentRules } from './attachment-rules.js';
import { checkQuota, type UploadQuota } from '../uploads/check-quota.js';
import type { AttachmentScanner } from '../examination/attachment-scanner.js';
import type { ThumbnailMaker } from '../thumbnails/make-thumbnails.js';

/** An event of a file; the application forwards it to those concerned. */
export interface AttachmentEvent extends EntityReference {
  readonly kind:
    | 'attachment:stored'
    | 'attachment:quarantined'
    | 'attachment:accessed'
    | 'attachment:deleted'
    | 'attachment:restored'
    | 'attachment:purged';
  readonly file_id: string;
  readonly version: number;
  readonly file_name: string;
  /** The acting user; `system` where no user acted. */
  readonly user_id: string;
  readonly at: Date;
  /** How the file was accessed. */
  readonly action?: 'link' | 'download' | 'preview';
}

/** Databases, rules and ports of attachments. */
export interface AttachmentOptions {
  readonly models: Models;
  readonly objects: ObjectStore;
  readonly rules?: AttachmentRules;
  /** How much one user may upload. @default without limit */
  readonly quota?: UploadQuota;
  /** Without a scanner every file counts as clean, with the engine `none` on its record. */
  readonly scanner?: AttachmentScanner;
  /** Without it images have no thumbnails. */
  readonly thumbnails?: ThumbnailMaker;
  readonly publish?: (event: AttachmentEvent) => void;
  /** Hears of what fails in the background: an unreadable image, a scanner that does not answer. */
  readonly onError?: ReportError;
  /** Receives images that broke a limit when they were read: the file is kept, without thumbnails. */
  readonly onUnread?: (file: UnreadFile) => Promise<void> | void;
  /** Called when a file cannot be examined now, because something that it needs is away. */
  readonly onUnexamined?: () => void;
  /**
   * Days in which a deleted or quarantined file can be restored.
   * @default 30
   */
  readonly graceDays?: number;
  readonly now?: () => Date;
}

/** A file that could not be read, and the limit that it broke (`confined.memory`). */
export interface UnreadFile extends EntityReference {
  readonly file_id: string;
  readonly version: number;
  readonly object_key: string;
  readonly code: string;
  readonly message: string;
}

/** {@link AttachmentOptions} with everything filled in that has a default. */
export interface AttachmentContext extends Required<Omit<AttachmentOptions, 'scanner' | 'thumbnails'>> {
  readonly scanner: AttachmentScanner | undefined;
  readonly thumbnails: ThumbnailMaker | undefined;
}

/** Fills in what has a default. */
export function completeContext(options: AttachmentOptions): AttachmentContext {
  return {
    models: options.models,
    objects: options.objects,
    rules: checkRules(options.rules ?? defaultAttachmentRules),
    quota: checkQuota(options.quota ?? {}),
    scanner: options.scanner,
    thumbnails: options.thumbnails,
    publish: options.publish ?? (() => undefined),
    onError: options.onError ?? warnOfError,
    onUnexamined: options.onUnexamined ?? (() => undefined),
    onUnread: options.onUnread ?? (() => undefined),
    graceDays: options.graceDays ?? 30,
    now: options.now ?? (() => new Date()),
  };
}

/** So many days after a time. */
export function addDays(time: Date, days: number): Date {
  return new Date(time.getTime() + days * 86_400_000);
}
