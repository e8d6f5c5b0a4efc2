import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import type { HealthCheck } from '../feature.js';

const readiness = z.object({
  status: z.enum(['ready', 'unavailable']),
  checks: z.record(z.string(), z.enum(['up', 'down'])),
});

/** Whether the process lives, and whether what it needs answers. */
export const healthRoutes = defineRoutes<{
  checks: readonly HealthCheck[];
  /** Aborted once the server is about to stop. */
  stopping: AbortSignal;
}>(async (app, { checks, stopping }) => {
  const config = { public: true };
  const tags = ['operations'];
  app.get(
    '/health/live',
    {
      config,
      schema: {
        summary: 'Whether the process lives',
        tags,
        response: { 200: z.object({ status: z.literal('live') }) },
      },
    },
    async () => ({ status: 'live' as const }),
  );
  app.get(
    '/health/ready',
    {
      config,
      schema: {
        summary: 'Whether both databases answer, and the server is not about to stop',
        tags,
        response: { 200: readiness, 503: readiness },
      },
    },
    async (request, reply) => {
      if (stopping.aborted) return reply.status(503).send({ status: 'unavailable', checks: {} });
      const results = await Promise.allSettled(checks.map(({ check }) => check()));
      const answers = results.map((result, position) => {
        const name = checks[position]!.name;
        if (result.status === 'rejected')
          request.log.warn({ err: result.reason as Error }, `${name} does not answer`);
        return [name, result.status === 'fulfilled' ? 'up' : 'down'] as const;
      });
      const ready = answers.every(([, answer]) => answer === 'up');
      return reply
        .status(ready ? 200 : 503)
        .send({ status: ready ? 'ready' : 'unavailable', checks: Object.fromEntries(answers) });
    },
  );
});
