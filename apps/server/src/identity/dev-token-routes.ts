import { ForbiddenError, roles, type Role } from '@infratraq/kernel';
import { defineRoutes } from '@infratraq/transport/fastify';
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';

const loopbackHost = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/i;
/** Headers that only a proxy sends: behind one, anybody may be asking. */
const forwardingHeaders = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/** Makes tokens for anybody who asks; registered only where `Tokens.issue` exists. */
export const devTokenRoutes = defineRoutes<{
  issue: (user: string, roles: readonly Role[]) => Promise<string>;
}>(async (app, { issue }) => {
  app.post(
    '/auth/dev-token',
    {
      config: { public: true, errors: [403] },
      onRequest: async ({ raw }) => requireDirectRequest(raw.headers),
      schema: {
        summary: 'Make a bearer token for development',
        description:
          'Exists only while the server runs on its embedded databases and listens on loopback. Call it directly, by a loopback `Host`.',
        tags: ['identity'],
        body: z.strictObject({
          user: z.string().regex(/^[\w.@-]{1,200}$/, 'a user id has letters, digits and . _ @ - only'),
          roles: z.array(z.enum(roles)).min(1).default(['member']),
        }),
        response: { 200: z.object({ token: z.string() }) },
      },
    },
    async ({ body }) => ({ token: await issue(body.user, body.roles) }),
  );
});

/** Another name may have been pointed at this machine by a website (DNS rebinding). */
function requireDirectRequest(headers: IncomingHttpHeaders): void {
  if (
    loopbackHost.test(headers.host ?? '') &&
    !forwardingHeaders.some((name) => Object.hasOwn(headers, name))
  )
    return;
  throw new ForbiddenError(
    'Development tokens are made only for requests to localhost that pass no proxy',
    'auth.not-loopback',
  );
}
