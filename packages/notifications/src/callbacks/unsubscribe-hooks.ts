import { NotFoundError } from '@infratraq/kernel';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import type { IsRevoked } from './click-hooks.js';
import type { UnsubscribeLinks } from './unsubscribe-links.js';
import { unsubscribedPage, unsubscribePage } from './unsubscribe-page.js';

/** What unsubscribe links do. */
export interface UnsubscribeHooksOptions {
  readonly links: UnsubscribeLinks;
  /** Mutes a type for a user, whatever it is about. */
  readonly unsubscribe: (userId: string, type: string) => Promise<void>;
  /** Tells whether a link was revoked since it was made. @default never */
  readonly isRevoked?: IsRevoked | undefined;
}

/** Unsubscribes recipients from types of notifications. */
export const unsubscribeHooks = defineRoutes<UnsubscribeHooksOptions>(
  async (app, { links, unsubscribe, isRevoked }) => {
    const querystring = z.strictObject({ token: z.string().min(1).max(4_000) });
    const read = async (token: string) => {
      const link = links.read(token);
      if (!link)
        throw new NotFoundError('This link was not made here, or is not complete', 'hook.link-unknown');
      const { userId: user_id, issued_at } = link;
      if (await isRevoked?.(token, { user_id, issued_at }))
        throw new NotFoundError('This link was revoked', 'hook.link-revoked');
      return link;
    };
    const page = { tags: ['hooks'], querystring, produces: ['text/html'], response: { 200: z.string() } };
    app.get(
      '/hooks/unsubscribe',
      { config: { public: true, errors: [404] }, schema: { summary: 'Ask whether to unsubscribe', ...page } },
      async ({ query: { token } }, reply) => {
        await read(token);
        return reply.type('text/html; charset=utf-8').send(unsubscribePage);
      },
    );
    app.post(
      '/hooks/unsubscribe',
      {
        config: { public: true, errors: [404] },
        schema: { summary: 'Unsubscribe with one click (RFC 8058)', ...page },
      },
      async ({ query: { token } }, reply) => {
        const { userId, types } = await read(token);
        for (const type of types) await unsubscribe(userId, type);
        return reply.type('text/html; charset=utf-8').send(unsubscribedPage);
      },
    );
  },
);
