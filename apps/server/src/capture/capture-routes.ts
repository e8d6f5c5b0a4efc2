import {
  deadLetterTargetOf,
  describeConsumers,
  describeSlot,
  listRefusedChanges,
  readSnapshotProgress,
  reportCoverage,
} from '@infratraq/capture';
import type { DeadLetters } from '@infratraq/integration';
import { pageOf, pageQuery } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import type { Platform } from '../platform/platform.js';
import {
  captureStatusSchema,
  changeConsumerSchema,
  coverageStates,
  refusedChangeSchema,
  tableCoverageSchema,
} from './capture-schemas.js';
import { cutPage, readCursor } from './list-cursor.js';

/** What the routes of change capture work with. */
export interface CaptureRoutesOptions extends Pick<Platform, 'postgres' | 'mongo' | 'models'> {
  readonly slot: string;
  readonly deadLetters: DeadLetters;
}

/** Routes that show change capture, for operators and administrators. */
export const captureRoutes = defineRoutes<CaptureRoutesOptions>(
  async (app, { postgres, mongo, models, slot, deadLetters }) => {
    const config = { roles: ['operator', 'admin'] as const };
    const tags = ['capture'];

    app.get(
      '/capture',
      {
        config,
        schema: {
          summary: 'State of change capture: its replication slot, leader and lag, and snapshots',
          tags,
          response: { 200: captureStatusSchema },
        },
      },
      async () => {
        const described = await describeSlot(postgres, { slot });
        return { ...described, snapshots: await readSnapshotProgress(postgres, { slot }) };
      },
    );

    app.get(
      '/capture/tables',
      {
        config,
        schema: {
          summary: 'Tables of the database by name, and whether their changes are captured',
          tags,
          querystring: pageQuery.extend({ state: z.enum(coverageStates).optional() }),
          response: {
            200: pageOf(tableCoverageSchema).extend({
              counts: z
                .object({ captured: z.int(), excluded: z.int(), broken: z.int() })
                .describe('Tables in each state, whatever the filter'),
            }),
          },
        },
      },
      async ({ query: { cursor, limit, state } }) => {
        const cursors = models.cursorsOf('capture/tables', state ?? null);
        const after = readCursor(cursors, cursor) ?? '';
        const tables = await reportCoverage(postgres, { slot });
        const counts = { captured: 0, excluded: 0, broken: 0 };
        for (const table of tables) counts[table.state] += 1;
        const shown = tables
          .filter((one) => (state === undefined || one.state === state) && one.table > after)
          .sort((one, other) => (one.table < other.table ? -1 : 1));
        return { ...cutPage(cursors, shown, { limit, keyOf: ({ table }) => table }), counts };
      },
    );

    app.get(
      '/capture/consumers',
      {
        config,
        schema: {
          summary: 'Consumers of changes: position, lag, faults and open dead letters',
          tags,
          response: { 200: z.object({ items: z.array(changeConsumerSchema) }) },
        },
      },
      async () => {
        const described = await describeConsumers(postgres, mongo.connection, { slot });
        const items = await Promise.all(
          described.map(async (consumer) => ({
            ...consumer,
            dead_letters: await deadLetters.countOpen(deadLetterTargetOf(consumer.name)),
          })),
        );
        return { items };
      },
    );

    app.get(
      '/capture/refused',
      {
        config,
        schema: {
          summary: 'Changes that the changelog refused, in their order',
          description:
            'Each has a dead letter with the target `entity_changelog`; replay that to offer it again.',
          tags,
          querystring: pageQuery,
          response: { 200: pageOf(refusedChangeSchema) },
        },
      },
      async ({ query: { cursor, limit } }) => {
        const cursors = models.cursorsOf('capture/refused');
        const after = readCursor(cursors, cursor);
        const refused = await listRefusedChanges(postgres, { after, limit: limit + 1 });
        return cutPage(cursors, refused, { limit, keyOf: ({ change_id }) => change_id });
      },
    );
  },
);
