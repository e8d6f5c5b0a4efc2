import type { Stored } from '@infratraq/mongo';
import { Types } from 'mongoose';
import {
  completeContext,
  type AttachmentContext,
  type AttachmentOptions,
} from '../files/attachment-context.js';
import { AttachmentMetadata } from '../collections/attachment-metadata.js';
import { PendingExaminations } from '../examination/pending-examinations.js';
import { thumbnailPrefix } from '../thumbnails/store-thumbnails.js';
import { eventOf, identityOf } from '../versions/identify-version.js';
import {
  listAttachmentsOfContent,
  listAttachmentsOfObject,
  listPurgeableAttachments,
  listStalledUploads,
} from '../collections/attachment-metadata.queries.js';
import { contentPrefix } from '../uploads/receive-content.js';
import type { ResumableUploads } from '../uploads/resumable-uploads.js';
import { uploadsPrefix } from '../uploads/upload-parts.js';

/** The outcome of a sweep. */
export interface SweepReport {
  /** Uploads given up that had received nothing for a day. */
  readonly stalled_uploads: number;
  /** Files scanned that had no verdict. */
  readonly examined: number;
  /** Records removed whose grace was over. */
  readonly purged: number;
  /** Objects removed that no record refers to. */
  readonly orphans: number;
  /** Uploads to object storage removed that never ended. */
  readonly unfinished: number;
}

// Longer than any upload lives that still makes progress.
const stalledMilliseconds = 24 * 3_600_000;
const perSweep = 500;

/** Removes what uploads, deletions and crashes leave behind. Any number of processes may sweep at once. */
export class AttachmentSweeper {
  readonly #context: AttachmentContext;
  readonly #uploads: ResumableUploads;
  readonly #pending: PendingExaminations;

  constructor(options: AttachmentOptions & { uploads: ResumableUploads }) {
    this.#context = completeContext(options);
    this.#uploads = options.uploads;
    this.#pending = new PendingExaminations(this.#context);
  }

  /** Sweeps once; each step takes the longest due first, 500 at a time. Orphans are looked for in all of the storage. */
  async sweep(): Promise<SweepReport> {
    const before = new Date(this.#context.now().getTime() - stalledMilliseconds);
    return {
      stalled_uploads: await this.#endStalledUploads(before),
      examined: await this.#pending.repeat(),
      purged: await this.#purge(),
      orphans: await this.#removeOrphans(before),
      unfinished: await this.#context.objects.sweepUnfinished({ startedBefore: before }),
    };
  }

  async #endStalledUploads(before: Date): Promise<number> {
    const stalled = await this.#context.models.find(listStalledUploads, { before }, { limit: perSweep });
    let ended = 0;
    for (const upload of stalled) if (await this.#uploads.discard(upload)) ended += 1;
    return ended;
  }

  async #purge(): Promise<number> {
    const { models, now, publish } = this.#context;
    const due = await models.find(listPurgeableAttachments, { now: now() }, { limit: perSweep });
    let purged = 0;
    for (const attachment of due) {
      // Somebody may have restored it a moment ago.
      const { deletedCount } = await models
        .of(AttachmentMetadata)
        .deleteOne({ ...identityOf(attachment), purge_after: attachment.purge_after as Date });
      if (deletedCount === 0) continue;
      purged += 1;
      await this.#removeContent(attachment);
      publish(eventOf(attachment, 'attachment:purged', { at: now(), user_id: 'system' }));
    }
    return purged;
  }

  /** Removes content and thumbnails with the last record that refers to them. */
  async #removeContent({ object_key, sha256, image }: Stored<AttachmentMetadata>): Promise<void> {
    const { models, objects } = this.#context;
    // Lent content is removed by its owner.
    const isOurs = object_key.startsWith(contentPrefix);
    if (isOurs && !(await models.findOne(listAttachmentsOfObject, { object_key })))
      await objects.delete(object_key);
    if (sha256 === undefined || (await models.findOne(listAttachmentsOfContent, { sha256 }))) return;
    for (const { object_key: key } of image?.thumbnails ?? []) await objects.delete(key);
  }

  async #removeOrphans(before: Date): Promise<number> {
    const { models, objects } = this.#context;
    const isNeeded: Record<string, (key: string) => Promise<unknown>> = {
      [contentPrefix]: (object_key) => models.findOne(listAttachmentsOfObject, { object_key }),
      [thumbnailPrefix]: (key) =>
        models.findOne(listAttachmentsOfContent, { sha256: key.split('/')[2] ?? '' }),
      [uploadsPrefix]: async (key) => {
        const id = key.split('/')[1] ?? '';
        return Types.ObjectId.isValid(id)
          ? models.of(AttachmentMetadata).exists({ _id: new Types.ObjectId(id), state: 'uploading' })
          : null;
      },
    };
    let removed = 0;
    for (const [prefix, find] of Object.entries(isNeeded)) {
      let cursor: string | undefined;
      do {
        const page = await objects.list({ prefix, cursor });
        for (const { key, modifiedAt } of page.objects) {
          if (modifiedAt >= before || (await find(key))) continue;
          await objects.delete(key);
          removed += 1;
        }
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
    }
    return removed;
  }
}
