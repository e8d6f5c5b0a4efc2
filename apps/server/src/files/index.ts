import {
  AttachmentService,
  AttachmentSweeper,
  createClamdScanner,
  createThumbnailMaker,
  DownloadTokens,
  LentFiles,
  ResumableUploads,
  type AttachmentScanner,
} from '@infratraq/attachments';
import { attachmentRoutes } from '@infratraq/attachments/routes';
import { tusRoutes } from '@infratraq/attachments/tus';
import type { Environment } from '@infratraq/environment';
import { repeat, type EntityFiles } from '@infratraq/kernel';
import { objectRoutes } from '@infratraq/objects/routes';
import type { Feature } from '../feature.js';
import { recordFileEvent } from './record-file-event.js';

/** What other features may do with files. */
export interface FileServices {
  /** Files of entities, for features that bring some of their own. */
  readonly entityFiles: EntityFiles;
  readonly scanner: AttachmentScanner | undefined;
}

const sweepMilliseconds = 3_600_000;

/** Files of entities: attached, scanned, shown as thumbnails, and swept every hour. */
export const files: Feature<object, FileServices> = {
  open: async ({ environment, models, events, objects, signing, log }) => {
    const scanner = openScanner(environment);
    if (!scanner) log.info('Attached files are not scanned for malware; set CLAMAV_URL to have them scanned');
    const options = {
      models,
      objects,
      ...(scanner && { scanner }),
      thumbnails: await createThumbnailMaker(),
      publish: recordFileEvent(events),
      onError: (error: unknown) => log.warn({ err: error }, 'an attached file could not be examined'),
    };
    const attachments = new AttachmentService(options);
    const uploads = new ResumableUploads({ ...options, attachments });
    const sweeper = new AttachmentSweeper({ ...options, uploads });
    return {
      services: { scanner, entityFiles: new LentFiles({ ...options, attachments }) },
      routes: async (api) => {
        const { baseUrl, secret } = signing;
        const tokens = new DownloadTokens({ secret });
        await api.register(attachmentRoutes, { attachments, tokens, baseUrl });
        await api.register(tusRoutes, { uploads });
        if (objects.kind === 'folder') await api.register(objectRoutes, { objects, signing });
      },
      start: async (_offers, defer) => {
        const sweeping = repeat(async () => log.debug(await sweeper.sweep(), 'attachments were swept'), {
          everyMilliseconds: sweepMilliseconds,
          onError: (error) =>
            log.warn({ err: error }, 'the sweep of attachments failed; the next one is in an hour'),
        });
        defer(() => sweeping.stop());
      },
    };
  },
};

function openScanner({ CLAMAV_URL, CLAMAV_MAX_MEBIBYTES }: Environment): AttachmentScanner | undefined {
  if (CLAMAV_URL === undefined) return undefined;
  return createClamdScanner({ url: CLAMAV_URL, maximumBytes: CLAMAV_MAX_MEBIBYTES * 1024 * 1024 });
}
