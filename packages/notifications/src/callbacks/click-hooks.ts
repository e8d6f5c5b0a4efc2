import { NotFoundError } from '@infratraq/kernel';
import { defineRoutes } from '@infratraq/transport/fastify';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ClickLinks, MailLink } from './click-links.js';

/** How clicks on links in mails are recorded. */
export interface ClickHooksOptions {
  readonly links: ClickLinks;
  /** Called on each click; if it throws, the reader is redirected all the same. */
  readonly record: (link: MailLink) => Promise<void>;
  /** Tells whether a link was revoked since it was made. @default never */
  readonly isRevoked?: IsRevoked | undefined;
}

/** Tells whether a link, or all links of its recipient, were revoked since it was made. */
export type IsRevoked = (
  token: string,
  link: { readonly user_id: string; readonly issued_at: Date },
) => Promise<boolean>;

/** Records clicks on links in mails and redirects to their targets. */
export const clickHooks = defineRoutes<ClickHooksOptions>(async (app, { links, record, isRevoked }) => {
  app.get(
    '/hooks/click',
    {
      config: { public: true, errors: [404] },
      schema: {
        summary: 'Follow a link in a mail',
        tags: ['hooks'],
        querystring: z.strictObject({ token: z.string().min(1).max(4_000) }),
        response: { 302: z.null().describe('Leads on to the address that the link was signed for') },
      },
    },
    async (request, reply) => {
      const { token } = request.query;
      const read = links.read(token);
      if (!read)
        throw new NotFoundError('This link was not made here, or is not complete', 'hook.link-unknown');
      const { issued_at, ...link } = read;
      if (await isRevoked?.(token, { user_id: link.recipient_id, issued_at }))
        throw new NotFoundError('This link was revoked', 'hook.link-revoked');
      if (isFollowedByReader(request))
        await record(link).catch((error: unknown) =>
          request.log.warn({ err: error }, 'a click is not recorded'),
        );
      return reply
        .headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
        .redirect(link.url, 302);
    },
  );
});

/** Programs that prefetch say so, or ask for the headers alone. */
function isFollowedByReader({ method, headers }: FastifyRequest): boolean {
  const purposes = [headers['sec-purpose'], headers['purpose'], headers['x-moz']].join(' ');
  return method === 'GET' && !/prefetch|prerender|preview/.test(purposes);
}
