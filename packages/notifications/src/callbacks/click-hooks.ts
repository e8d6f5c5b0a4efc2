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
}

/** Records clicks on links in mails and redirects to their targets. */
export const clickHooks = defineRoutes<ClickHooksOptions>(async (app, { links, record }) => {
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
      const link = links.read(request.query.token);
      if (!link)
        throw new NotFoundError('This link was not made here, or is not complete', 'hook.link-unknown');
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
