import { ConflictError } from '@infratraq/kernel';
import type { Stored } from '@infratraq/mongo';
import {
  pageOf,
  pageQuery,
  plainText,
  problemMediaType,
  problemSchema,
  requireActor,
  timestamp,
} from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import {
  deadLetterOrigins,
  deadLetterStates,
  type DeadLetterEvent,
} from '../collections/dead-letter-event.js';
import { replayOutcomes, type DeadLetterReplays } from './dead-letter-replays.js';
import type { DeadLetters } from './dead-letters.js';

/** What the routes of dead letters work with. */
interface DeadLetterRoutesOptions {
  readonly deadLetters: DeadLetters;
  readonly replays: DeadLetterReplays;
}

const deadLetter = z
  .object({
    id: z.string(),
    created_at: timestamp,
    origin: z.enum(deadLetterOrigins).describe('The part of the product that could not deal with the event'),
    target: z
      .string()
      .describe('Where it was to go: a collection, `consumer:<name>`, `sender:<provider>`, an endpoint'),
    reason: z.object({
      code: z.string(),
      message: z.string(),
      fields: z.array(z.string()).optional().describe('The fields that were refused'),
    }),
    payload: z
      .unknown()
      .optional()
      .describe(
        'The event; sensitive values were redacted before it was stored. Absent for row changes, whose values stay in the changelog, and for events that could not be kept',
      ),
    payload_bytes: z.number().optional(),
    attempts: z.int(),
    last_attempt_at: timestamp.optional(),
    state: z.enum(deadLetterStates),
    replayable: z.boolean().describe('Whether a replay can succeed without the event being changed first'),
    resolution: z
      .object({ resolved_at: timestamp, resolved_by: z.string(), note: z.string().optional() })
      .optional()
      .describe('Who settled it, when, and why'),
    source_position: z
      .string()
      .optional()
      .describe('Its place in its source: the id of a change, of a delivery'),
    entity_type: z.string().optional(),
    entity_id: z.string().optional(),
    user_id: z.string().optional(),
    cause_id: z.string().optional(),
  })
  .meta({ id: 'DeadLetter' });

const parameters = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{24}$/, 'An id has 24 hexadecimal digits'),
});

/** Routes over dead letters, for operators and administrators. */
export const deadLetterRoutes = defineRoutes<DeadLetterRoutesOptions>(
  async (app, { deadLetters, replays }) => {
    const config = { roles: ['operator', 'admin'] as const };
    const tags = ['dead letters'];

    app.get(
      '/dead-letters',
      {
        config,
        schema: {
          summary: 'Dead letters in one state, oldest first',
          tags,
          querystring: pageQuery.extend({
            state: z.enum(deadLetterStates).default('open'),
            origin: z.enum(deadLetterOrigins).optional(),
            target: z.string().min(1).max(300).optional(),
            order: z.enum(['oldest', 'newest']).default('oldest').describe('Which come first'),
          }),
          response: { 200: pageOf(deadLetter) },
        },
      },
      async ({ query: { cursor, limit, ...conditions } }) => {
        const page = await deadLetters.list(conditions, { cursor, limit });
        return { items: page.items.map(render), next_cursor: page.next_cursor };
      },
    );

    app.get(
      '/dead-letters/:id',
      {
        config,
        schema: { summary: 'One dead letter', tags, params: parameters, response: { 200: deadLetter } },
      },
      async ({ params: { id } }) => render(await deadLetters.get(id)),
    );

    app.post(
      '/dead-letters/:id/discard',
      {
        config,
        schema: {
          summary: 'Settle a dead letter without replaying it',
          description:
            'A letter that is discarded already stays as it is. Answers 409 `dead-letter.settled` when it was replayed.',
          tags,
          params: parameters,
          body: z.strictObject({
            note: plainText({ characters: 2_000, lines: true })
              .trim()
              .min(3)
              .describe('Why; kept with the letter'),
          }),
          response: { 200: deadLetter },
        },
      },
      async ({ params: { id }, body: { note } }) =>
        render(await deadLetters.discard(id, { by: requireActor().user_id, note })),
    );

    app.post(
      '/dead-letters/:id/replay',
      {
        config,
        schema: {
          summary: 'Offer what a dead letter stands for to its target once more',
          description:
            'Answers 409 `dead-letter.settled` when it is settled, `dead-letter.not-replayable` when parts of the event were not kept, and `dead-letter.no-replay` when its origin has no replay.',
          tags,
          params: parameters,
          response: {
            200: z.object({
              outcome: z
                .enum(replayOutcomes)
                .describe(
                  '`replayed`: delivered. `refused`: refused again; `reason` is new. `requested`: its consumer gets it next, and then settles the letter',
                ),
              dead_letter: deadLetter,
            }),
            409: { description: 'Problem', content: { [problemMediaType]: { schema: problemSchema } } },
          },
        },
      },
      async ({ params: { id } }) => {
        const letter = await deadLetters.getOpen(id);
        const replay = replays[letter.origin];
        if (!replay) throw new NoReplayError(letter.origin);
        if (!letter.replayable)
          throw new ConflictError(
            'Parts of this event were not kept, so it cannot be replayed; discard the letter',
            'dead-letter.not-replayable',
          );
        const outcome = await replay(letter, requireActor().user_id);
        return { outcome, dead_letter: render(await deadLetters.get(id)) };
      },
    );
  },
);

/** Nothing of this server can replay letters of that origin. */
class NoReplayError extends ConflictError {
  constructor(origin: string) {
    super(
      `Dead letters of the origin ${origin} cannot be replayed here; deal with the cause, then discard the letter`,
      'dead-letter.no-replay',
    );
  }
}

function render({ _id, ...letter }: Stored<DeadLetterEvent>) {
  return { ...letter, id: String(_id) };
}
