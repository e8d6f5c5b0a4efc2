import { InfratraqError, type EventRecorder } from '@infratraq/kernel';
import { plainText, requireActor, timestamp } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import { recordActivity } from './recording/record-activity.js';
import { deviceKinds } from './collections/user-activity-event.js';

/** What the activity routes work with. */
interface ActivityRoutesOptions {
  readonly events: EventRecorder;
}

const maximumEvents = 500;
const maximumPropertiesBytes = 8_192;
const day = 86_400_000;

const text = (maximum: number) => z.string().min(1).max(maximum);
/** What a page shows, whose line breaks may come along. */
const shown = plainText({ characters: 500, lines: true, empty: true });
const path = z
  .string()
  .max(2_000)
  .regex(/^[^?#]*$/, 'is a path without query or fragment, which may carry secrets');

const properties = z
  .record(z.string(), z.unknown())
  .refine((given) => Buffer.byteLength(JSON.stringify(given)) <= maximumPropertiesBytes, {
    message: `take at most ${maximumPropertiesBytes} bytes of JSON`,
  })
  .refine((given) => !hasOperator(given), { message: 'have no names that begin with $' });

const reportedActivity = z
  .strictObject({
    event_type: z
      .string()
      .regex(
        /^[a-z][a-z0-9_.-]{0,63}(:[a-z][a-z0-9_.-]{0,63})?$/,
        'is written as noun:past-verb (page:viewed)',
      ),
    event_id: text(200).optional().describe('Your own id of the event; sent again, it is kept once'),
    occurred_at: timestamp
      .refine(
        (time) => Math.abs(Date.now() - time.getTime()) <= 30 * day && time.getTime() <= Date.now() + day,
        {
          message: 'lies within the past 30 days',
        },
      )
      .optional()
      .describe('Now when absent'),
    session_id: text(200).optional(),
    module: text(100).optional(),
    page: z.strictObject({ path, title: shown.optional(), referrer: path.optional() }).optional(),
    element: z.strictObject({ id: text(200), label: shown.optional() }).optional(),
    duration_ms: z.number().min(0).max(day).optional(),
    entity_type: text(200).optional(),
    entity_id: text(1_000).optional(),
    device: z
      .strictObject({
        kind: z.enum(deviceKinds),
        user_agent: z.string().max(500).optional(),
        viewport_width: z.number().min(0).max(100_000).optional(),
        viewport_height: z.number().min(0).max(100_000).optional(),
      })
      .optional(),
    properties: properties.optional().describe(`Free-form, at most ${maximumPropertiesBytes} bytes of JSON`),
  })
  .refine(({ entity_type, entity_id }) => (entity_type === undefined) === (entity_id === undefined), {
    path: ['entity_id'],
    message: 'and entity_type come together',
  });

/** Routes that take in what people do. */
export const activityRoutes = defineRoutes<ActivityRoutesOptions>(async (app, { events }) => {
  app.post(
    '/events',
    {
      bodyLimit: 4 * 1_024 * 1_024,
      schema: {
        summary:
          'Records activity of the caller, up to 500 events at once; one that is not valid refuses all. Where the server has ' +
          'no room, it takes the first so many, or answers 503',
        tags: ['activity'],
        body: z.strictObject({ events: z.array(reportedActivity).min(1).max(maximumEvents) }),
        response: {
          202: z.object({
            accepted: z
              .int()
              .describe('How many events were taken, from the first on; send the others again after a while'),
          }),
        },
      },
    },
    async ({ body }, reply) => {
      const accepted = recordActivity(events, requireActor(), body.events);
      if (accepted === 0) throw noRoom();
      return reply.status(202).send({ accepted });
    },
  );
});

function noRoom(): InfratraqError {
  return new InfratraqError(
    'events.no-room',
    'The server has no room for events now; send them again later',
    {
      status: 503,
      retryAfterMilliseconds: 5_000,
    },
  );
}

function hasOperator(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, nested]) => name.startsWith('$') || hasOperator(nested));
}
