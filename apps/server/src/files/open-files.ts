import {
  AttachmentService,
  AttachmentSweeper,
  createClamdScanner,
  createThumbnailMaker,
  DownloadTokens,
  LentFiles,
  ResumableUploads,
} from '@infratraq/attachments';
import type { Environment } from '@infratraq/environment';
import { repeat, type EventRecorder } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import { openObjects } from '@infratraq/objects';
import type { FastifyBaseLogger } from 'fastify';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chooseLinkSecret } from './link-secret.js';
import { recordFileEvent } from './record-file-event.js';

/** What files stand on. */
export interface OpenFilesOptions {
  readonly environment: Environment;
  readonly models: Models;
  readonly events: EventRecorder;
  readonly log: FastifyBaseLogger;
}

export type Files = Awaited<ReturnType<typeof openFiles>>;

const sweepMilliseconds = 3_600_000;
/** Where the routes are; links are relative to the server's address. */
const baseUrl = '/api/v1';

/** Opens object storage and everything that attaches files to entities, and sweeps it every hour. */
export async function openFiles({ environment, models, events, log }: OpenFilesOptions) {
  const { OBJECTS_URL, DATA_DIR, CLAMAV_URL, CLAMAV_MAX_MEBIBYTES } = environment;
  const secret = await chooseLinkSecret(environment);
  const signing = { baseUrl, secret };
  const objects = await openObjects(OBJECTS_URL ?? pathToFileURL(join(DATA_DIR, 'objects')).href, {
    links: signing,
  });
  if (CLAMAV_URL === undefined)
    log.info('Attached files are not scanned for malware; set CLAMAV_URL to have them scanned');
  const scanner =
    CLAMAV_URL === undefined
      ? undefined
      : createClamdScanner({ url: CLAMAV_URL, maximumBytes: CLAMAV_MAX_MEBIBYTES * 1024 * 1024 });
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

  const sweeping = repeat(async () => log.debug(await sweeper.sweep(), 'attachments were swept'), {
    everyMilliseconds: sweepMilliseconds,
    onError: (error) =>
      log.warn({ err: error }, 'the sweep of attachments failed; the next one is in an hour'),
  });
  return {
    objects,
    scanner,
    signing,
    attachments,
    uploads,
    lent: new LentFiles({ ...options, attachments }),
    tokens: new DownloadTokens({ secret }),
    baseUrl,
    async close() {
      await sweeping.stop();
      await objects.close();
    },
  };
}
