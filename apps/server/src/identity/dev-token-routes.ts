import { roles, type Role } from '@infratraq/kernel';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';

/** Makes tokens for whoever asks; registered only where `Tokens.issue` exists. */
export const devTokenRoutes = defineRoutes<{
  issue: (user: string, roles: readonly Role[]) => Promise<string>;
}>(async (app, { issue }) => {
  app.post(
    '/auth/dev-token',
    {
      config: { public: true },
      schema: {
        summary: 'Make a bearer token for development',
        description: 'Exists only while the server runs on its embedded defaults and listens on loopback.',
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
