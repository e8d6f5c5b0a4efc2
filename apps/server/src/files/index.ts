import {
  createClamdScanner,
  createThumbnailMaker,
  openAttachments,
  type AttachmentScanner,
  type AttachmentService,
} from '@infratraq/attachments';
import { attachmentRoutes } from '@infratraq/attachments/routes';
import { tusRoutes } from '@infratraq/attachments/tus';
import type { Environment } from '@infratraq/environment';
import type { EntityFiles } from '@infratraq/kernel';
import { objectRoutes } from '@infratraq/objects/routes';
import type { AccessServices } from '../access/index.js';
import type { Feature } from '../feature.js';
import { keepUnreadFile } from './keep-unread-file.js';
import type { LinkServices } from '../links/index.js';
import { recordFileEvent } from './record-file-event.js';

/** What other features may do with files. */
export interface FileServices {
  /** Files of entities, for features that bring some of their own. */
  readonly entityFiles: EntityFiles;
  readonly attachments: AttachmentService;
  readonly scanner: AttachmentScanner | undefined;
}

/** Files of entities: attached, scanned, shown as thumbnails, and swept every hour. */
export const files: Feature<{ access: AccessServices; links: LinkServices }, FileServices> = {
  open: async (
    { environment, models, events, objects, signing, confinedJobs, log, onError },
    { access, links: { revocations } },
    defer,
  ) => {
    const scanner = openScanner(environment);
    if (!scanner) log.info('Attached files are not scanned for malware; set CLAMAV_URL to have them scanned');
    const { baseUrl, secret: linkSecret } = signing;
    const { attachments, uploads, lent, tokens, close } = await openAttachments({
      models,
      objects,
      linkSecret,
      quota: {
        bytesPerDay: environment.UPLOAD_DAY_MEBIBYTES * 1_048_576,
        storedBytes: environment.UPLOAD_STORED_MEBIBYTES * 1_048_576,
      },
      sweepIntervalSeconds: 3_600,
      ...(scanner && { scanner }),
      thumbnails: await createThumbnailMaker(confinedJobs),
      publish: recordFileEvent(events),
      onUnread: (file) => keepUnreadFile(models, file),
      onError,
    });
    defer(close);
    return {
      services: { attachments, scanner, entityFiles: lent },
      routes: async (api) => {
        await api.register(attachmentRoutes, {
          attachments,
          tokens,
          baseUrl,
          isActive: (user) => access.isActive(user),
          isRevoked: (token, { user_id, issued_at, entity_type, entity_id, file_id }) =>
            revocations.isRevoked({
              token,
              user_id,
              issued_at,
              file: { entity_type, entity_id, file_id },
            }),
        });
        await api.register(tusRoutes, { uploads });
        if (objects.kind === 'folder') await api.register(objectRoutes, { objects, signing });
      },
    };
  },
};

function openScanner({ CLAMAV_URL, CLAMAV_MAX_MEBIBYTES }: Environment): AttachmentScanner | undefined {
  if (CLAMAV_URL === undefined) return undefined;
  return createClamdScanner({ url: CLAMAV_URL, maximumBytes: CLAMAV_MAX_MEBIBYTES * 1024 * 1024 });
}
