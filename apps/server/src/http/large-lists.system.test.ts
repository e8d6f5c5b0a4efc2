import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { CommentThread, EmailCommunication } from '@infratraq/messaging';
import { bindModels, connectMongo, type Mongo, type Models } from '@infratraq/mongo';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import { readFile, writeFile } from 'node:fs/promises';
import { startServerProcess, type ServerProcess } from '../testing/start-server-process.js';
import { signToken, testSecret } from '../testing/sign-token.js';

const count = 200;
const megabyte = 1_048_576;
const pageBytes = 4 * megabyte;
const entity = { entity_type: 'projects', entity_id: '1' };
let databases: TestDatabases;
let mongo: Mongo;
let models: Models;
let server: ServerProcess;

beforeAll(async () => {
  databases = await createTestDatabases();
  server = await startServerProcess({
    MONGODB_URI: databases.mongodbUri,
    POSTGRES_URL: databases.postgresUrl,
    AUTH_SECRET: testSecret,
  });
  mongo = await connectMongo({ uri: databases.mongodbUri });
  models = bindModels(mongo.connection, [CommentThread, EmailCommunication]);
}, 60_000);
afterAll(async () => {
  await server.kill();
  await mongo.close();
  await databases.drop();
});

it('a list of 200 threads of 4 MiB stays small in memory and in its answer, and its pages have each once', async () => {
  const body = 'c'.repeat(32_000);
  const comments = Array.from({ length: 131 }, (_, place) => ({
    comment_id: `c-${place}`,
    author_id: 'u-1',
    body,
    created_at: new Date(),
  }));
  for (let number = 0; number < count; number += 1)
    await models.of(CommentThread).collection.insertOne({
      ...entity,
      scopes: ['*'],
      state: 'open',
      comments,
      subscriptions: [],
      comment_count: comments.length,
      content_bytes: comments.length * body.length,
      revision: 0,
      created_by: 'u-1',
      // Ten of each moment, so that pages are cut between equals.
      created_at: new Date(1_700_000_000_000 + Math.floor(number / 10)),
      last_comment_at: new Date(),
    } as never);
  await readAll('/api/v1/entities/projects/1/comments', 'thread_id', (item) => {
    const { comments: shown, comment_count, has_earlier_comments } = item as unknown as CommentThreadItem;
    expect([shown.length, comment_count, has_earlier_comments]).toEqual([20, 131, true]);
    expect(shown.at(-1)?.comment_id).toBe('c-130');
  });
}, 300_000);

it('a list of 200 mails of 2 MB has no bodies, and its pages have each once', async () => {
  const html_body = 'm'.repeat(1_990_000);
  for (let number = 0; number < count; number += 1)
    await models.of(EmailCommunication).collection.insertOne({
      _id: new Types.ObjectId(),
      ...entity,
      message_id: `m-${number}@mail.example`,
      direction: 'inbound',
      state: 'received',
      mailbox: 'inbox@example.org',
      participants: ['a@mail.example'],
      subject: 'Large',
      html_body,
      size_bytes: html_body.length,
      thread_id: 'm-0@mail.example',
      malformed: false,
      occurred_at: new Date(1_700_000_000_000 + number),
    } as never);
  const size = await readAll('/api/v1/entities/projects/1/emails', 'email_id', (item) =>
    expect(item).not.toHaveProperty('html_body'),
  );
  expect(size).toBe(count);
}, 300_000);

interface CommentThreadItem {
  readonly comments: readonly { readonly comment_id: string }[];
  readonly comment_count: number;
  readonly has_earlier_comments: boolean;
}

/** Reads all pages, and answers how many items the first one has. */
async function readAll(path: string, key: string, look: (item: Record<string, unknown>) => void) {
  const headers = { authorization: `Bearer ${await signToken('u-admin', ['admin'])}` };
  const get = async (cursor?: string) => {
    const url = new URL(`${path}?limit=${count}${cursor ? `&cursor=${cursor}` : ''}`, server.url);
    const response = await fetch(url, { headers });
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text.length).toBeLessThan(pageBytes * 1.1);
    return JSON.parse(text) as { items: Record<string, unknown>[]; next_cursor: string | null };
  };
  await fetch(new URL(`${path}?limit=1`, server.url), { headers });
  await writeFile(`/proc/${server.pid}/clear_refs`, '5');
  const before = await readMemory();
  const first = await get();
  expect((await readMemory()) - before).toBeLessThan(64 * megabyte);
  const keys: unknown[] = [];
  for (let page = first; ; page = await get(page.next_cursor)) {
    expect(page.items.length).toBeGreaterThan(0);
    page.items.forEach(look);
    keys.push(...page.items.map((item) => item[key]));
    if (page.next_cursor === null) break;
  }
  expect([keys.length, new Set(keys).size]).toEqual([count, count]);
  return first.items.length;
}

/** The most memory that the server has had since the mark was last set back. */
async function readMemory(): Promise<number> {
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${server.pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1_024;
}
