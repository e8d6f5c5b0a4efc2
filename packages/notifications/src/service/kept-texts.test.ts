import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { plainText } from '@infratraq/transport';
import { defineRoutes, registerTransport } from '@infratraq/transport/fastify';
import Fastify from 'fastify';
import fc from 'fast-check';
import { z } from 'zod';
import { openNotifications, type OpenNotifications } from '../testing/open-notifications.js';

const body = z.strictObject({ text: plainText({ characters: 40, lines: true }) });
const app = Fastify();
let open: OpenNotifications;
beforeAll(async () => {
  open = await openNotifications();
  await app.register(registerTransport, { identify: async () => ({ user_id: 'ada', roles: ['member'] }) });
  await app.register(
    defineRoutes(async (routes) => {
      routes.post('/echo', { schema: { body, response: { 200: body } } }, async (request) => request.body);
    }),
  );
});
afterAll(async () => {
  await app.close();
  await open.close();
});

const family = '👨‍👩‍👧‍👦';
const pieces = fc.constantFrom(
  family,
  family.slice(0, 1),
  family.slice(1, 2),
  '\0',
  '\x1b',
  '\r\n',
  '\u200b',
  'é',
  'a',
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: pieces, maxLength: 60 }),
);

it('a text that an edge takes is the same after HTTP, PostgreSQL and MongoDB; any other is refused', async () => {
  const kept = open.models.connection.collection<{ text: string }>('kept_text');
  await fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      const answer = await app.inject({ method: 'POST', url: '/echo', payload: { text } });
      if (answer.statusCode !== 200) {
        expect(answer.statusCode).toBe(400);
        expect(answer.json()).toMatchObject({ code: expect.stringMatching(/^(text|input)\.invalid$/) });
        return;
      }
      expect(answer.json()).toEqual({ text });
      const { rows } = await open.postgres.pool.query<{ value: unknown; plain: string }>(
        'select $1::jsonb as value, $2::text as plain',
        [JSON.stringify({ text, [text]: 1 }), text],
      );
      expect(rows).toEqual([{ value: { text, [text]: 1 }, plain: text }]);
      const { insertedId } = await kept.insertOne({ text });
      expect((await kept.findOne({ _id: insertedId }))?.text).toBe(text);
    }),
    { numRuns: 400 },
  );
});
