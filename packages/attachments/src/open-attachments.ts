import { openParts, repeat, warnOfError, type CollectionStates } from '@infratraq/kernel';
import { openModels, type MongoSource } from '@infratraq/mongo';
import { openObjects, type ObjectStore } from '@infratraq/objects';
import { randomBytes } from 'node:crypto';
import { attachments as category } from './category.js';
import { DownloadTokens } from './downloads/download-tokens.js';
import { PendingExaminations } from './examination/pending-examinations.js';
import { completeContext, type AttachmentOptions } from './files/attachment-context.js';
import { AttachmentService } from './files/attachment-service.js';
import { LentFiles } from './files/lent-files.js';
import { AttachmentSweeper } from './sweeping/sweep-attachments.js';
import { ResumableUploads } from './uploads/resumable-uploads.js';

/** Where contents are: an address, which is opened and closed again, or storage of the caller's, which stays open. */
type ObjectsSource =
  | { readonly objectsUrl: string; readonly objects?: undefined }
  | { readonly objects: ObjectStore; readonly objectsUrl?: undefined };

/** Attachments are opened with this: two places, and how files are treated. */
export type OpenAttachmentsOptions = MongoSource &
  ObjectsSource &
  Omit<AttachmentOptions, 'models' | 'objects'> & {
    /** Signs download links, in 32 bytes or more. Absent: links work in this process alone, until it ends. */
    readonly linkSecret?: string;
    /**
     * How often to sweep. Absent: `sweeper.sweep()` is the caller's to call.
     */
    readonly sweepIntervalSeconds?: number;
    /**
     * How often files that could not be examined are tried again, where there is a sweep.
     * @default 15
     */
    readonly examineIntervalSeconds?: number;
    readonly states?: CollectionStates;
  };

/** Everything that attaches files to entities, and how to let go of what was opened. */
export interface OpenedAttachments {
  readonly attachments: AttachmentService;
  /** Resumable uploads. */
  readonly uploads: ResumableUploads;
  /** Files that other domains bring. */
  readonly lent: LentFiles;
  /** Signs and checks download links. */
  readonly tokens: DownloadTokens;
  readonly sweeper: AttachmentSweeper;
  close(): Promise<void>;
}

/**
 * Opens files on entities. The caller decides who may see an entity, before it calls these services.
 *
 * @throws InfratraqError `mongo.unreachable`; InvalidInputError `objects.url.invalid`, `attachment.link-secret`
 * @example
 * const { attachments, close } = await openAttachments({ mongodbUri, objectsUrl: 'file:///var/lib/files' });
 * await attachments.attach({ entity_type: 'inspections', entity_id: '9' }, 'crack: 2 mm', input);
 */
export async function openAttachments(options: OpenAttachmentsOptions): Promise<OpenedAttachments> {
  const { states, now, onError = warnOfError, sweepIntervalSeconds } = options;
  const secret = options.linkSecret ?? randomBytes(32).toString('base64url');
  return openParts(async (defer) => {
    const tokens = new DownloadTokens({ secret, ...(now && { now }) });
    const { models, close } = await openModels(options, category, states && { states });
    defer(close);
    const objects = options.objects ?? (await openObjects(options.objectsUrl));
    if (!options.objects) defer(() => objects.close());
    const pending = new PendingExaminations(completeContext({ ...options, models, objects, onError }));
    const onUnexamined = () => {
      pending.note();
      options.onUnexamined?.();
    };
    const parts = { ...options, models, objects, onUnexamined };
    const attachments = new AttachmentService(parts);
    const uploads = new ResumableUploads({ ...parts, attachments });
    const sweeper = new AttachmentSweeper({ ...parts, uploads });
    if (sweepIntervalSeconds !== undefined) {
      const sweeping = repeat(() => sweeper.sweep(), {
        everyMilliseconds: sweepIntervalSeconds * 1_000,
        onError: (error) => onError(error, 'sweeping attachments'),
      });
      defer(() => sweeping.stop());
      const repeating = repeat(() => pending.repeatIfDue(), {
        everyMilliseconds: (options.examineIntervalSeconds ?? 15) * 1_000,
        onError: (error) => onError(error, 'examining attachments'),
      });
      defer(() => repeating.stop());
    }
    return { attachments, uploads, lent: new LentFiles({ ...parts, attachments }), tokens, sweeper };
  });
}
