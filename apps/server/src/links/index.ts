import { DownloadTokens } from '@infratraq/attachments';
import type { Feature } from '../feature.js';
import { createMailLinks } from '../notifications/mail-links.js';
import { linkMigrations } from './link-migrations.js';
import { LinkRevocations } from './link-revocations.js';
import { linkRoutes } from './link-routes.js';

/** What other features may ask of links. */
export interface LinkServices {
  readonly revocations: LinkRevocations;
}

/** Links that work without a login, and how they are revoked. */
export const links: Feature<object, LinkServices> = {
  migrations: [linkMigrations],
  open: (platform) => {
    const revocations = new LinkRevocations(platform.postgres);
    const downloads = new DownloadTokens({ secret: platform.signing.secret });
    const mail = createMailLinks(platform);
    const ownerOf = (token: string) =>
      downloads.read(token)?.user_id ??
      mail?.unsubscribe.read(token)?.userId ??
      mail?.clicks.read(token)?.recipient_id;
    return {
      services: { revocations },
      routes: async (api) => void (await api.register(linkRoutes, { revocations, ownerOf })),
    };
  },
};
