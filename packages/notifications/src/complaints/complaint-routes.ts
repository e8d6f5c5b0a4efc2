import { NotFoundError } from '@infratraq/kernel';
import { requireActor, timestamp } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import type { MailComplaints } from './mail-complaints.js';

const tags = ['notifications'];

/** What the routes work with. */
export interface ComplaintRoutesOptions {
  readonly complaints: MailComplaints;
}

/** Lists what the user's mailbox has called spam, and lifts it. */
export const complaintRoutes = defineRoutes<ComplaintRoutesOptions>(async (app, { complaints }) => {
  app.get(
    '/notifications/complaints',
    {
      config: { access: 'own' },
      schema: {
        summary: "List the types of notifications that one's own mailbox has called spam",
        description: 'No mail of these types is sent to it, unless it is critical.',
        tags,
        response: {
          200: z.object({
            items: z.array(
              z.object({ type: z.string(), complained_at: timestamp, feedback_type: z.string() }),
            ),
          }),
        },
      },
    },
    async () => {
      const open = await complaints.listOpen([requireActor().user_id]);
      return {
        items: open.map(({ type, complained_at, feedback_type }) => ({ type, complained_at, feedback_type })),
      };
    },
  );
  app.delete(
    '/notifications/complaints/:type',
    {
      config: { access: 'own' },
      schema: {
        summary: 'Get mail of a type again that was called spam',
        tags,
        params: z.strictObject({ type: z.string().min(1).max(200) }),
        response: { 204: z.null().describe('Done') },
      },
    },
    async ({ params: { type } }, reply) => {
      const { user_id } = requireActor();
      if (!(await complaints.lift({ user_id, type, lifted_by: user_id, at: new Date() })))
        throw new NotFoundError(`Your mailbox has not called ${type} spam`, 'complaint.unknown');
      return reply.status(204).send(null);
    },
  );
});
