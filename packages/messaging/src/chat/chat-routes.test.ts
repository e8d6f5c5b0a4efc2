import { accessForAllMembers } from '@infratraq/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { useModels } from '@infratraq/testing';
import { registerTransport } from '@infratraq/transport/fastify';
import Fastify, { type FastifyInstance, type InjectOptions } from 'fastify';
import {
  ChatMessage,
  ChatReadState,
  ChatService,
  CommentService,
  CommentThread,
  type ChatMembership,
  type SendMessage,
} from '../index.js';
import { chatRoutes, commentRoutes } from '../routes.js';

let joinedAt = new Date(0);
/** A channel to which a user does not belong, and one that a user sees from some time on. */
let shutTo: Record<string, string> = {};
let seenFrom: Record<string, { channel: string; from: Date }> = {};
const membership: ChatMembership = {
  roleOf: async (channel, userId) =>
    userId === 'mallory' || shutTo[userId] === channel ? undefined : 'member',
  historyFrom: async (channel, userId) => {
    if (userId === 'newcomer') return joinedAt;
    return seenFrom[userId]?.channel === channel ? seenFrom[userId].from : undefined;
  },
};
const database = useModels(ChatMessage, ChatReadState, CommentThread);
let app: FastifyInstance;
let chat: ChatService;

beforeAll(async () => {
  const { models } = database;
  chat = new ChatService({ models, membership });
  app = Fastify();
  await app.register(registerTransport, {
    access: accessForAllMembers,
    authenticate: async (token) => ({ user_id: token, roles: ['member'] }),
  });
  await app.register(chatRoutes, { chat });
  await app.register(commentRoutes, {
    comments: new CommentService({ models, access: accessForAllMembers }),
  });
});
afterAll(() => app.close());

async function call(user: string, method: InjectOptions['method'], url: string, payload?: object) {
  const response = await app.inject({
    method: method ?? 'GET',
    url,
    headers: { authorization: `Bearer ${user}` },
    ...(payload && { payload }),
  });
  return { status: response.statusCode, body: response.json() };
}

describe("a channel's history over HTTP", () => {
  it('answers the messages around a place, with what lies beyond', async () => {
    const channel = `project:${randomUUID()}`;
    for (const body of ['one', 'two', 'three', 'four'])
      await chat.send({ channel, sender_id: 'ada', client_message_id: body, body });
    const url = `/channels/${encodeURIComponent(channel)}/messages`;
    const { status, body } = await call('ben', 'GET', `${url}?around=2&limit=2`);
    expect(status).toBe(200);
    expect(body.items.map((item: { body: string }) => item.body)).toEqual(['two', 'three']);
    expect(body).toMatchObject({ latest_seq: 4, has_older: true, has_newer: true });
    expect(typeof body.items[0].created_at).toBe('string');
    expect((await call('mallory', 'GET', url)).status).toBe(403);
    expect((await call('ben', 'GET', `${url}?before[$gt]=1`)).status).toBe(400);
    expect((await call('ben', 'GET', `${url}?before=1&after=2`)).status).toBe(400);
  });
});

describe('messages over HTTP', () => {
  const send = async (channel: string, body: string, more: Partial<SendMessage> = {}) => {
    const sent = await chat.send({ channel, sender_id: 'ada', client_message_id: body, body, ...more });
    return sent.message._id.toHexString();
  };
  const bodies = (answer: { body: { items: { body: string }[] } }) =>
    answer.body.items.map(({ body }) => body);

  it('of a thread are read page by page, from any message of it', async () => {
    const channel = `project:${randomUUID()}`;
    const parent_id = await send(channel, 'which crane?');
    const replies: string[] = [];
    for (const body of ['the red one', 'no', 'the blue one']) {
      replies.push(await send(channel, body, { parent_id: replies[0] ?? parent_id }));
      await send(channel, `beside ${body}`);
    }
    for (const id of [parent_id, ...replies])
      expect(bodies(await call('ben', 'GET', `/messages/${id}/thread`))).toEqual([
        'the red one',
        'no',
        'the blue one',
      ]);
    const first = await call('ben', 'GET', `/messages/${parent_id}/thread?limit=2`);
    expect(bodies(first)).toEqual(['the red one', 'no']);
    const cursor = encodeURIComponent(first.body.next_cursor);
    const second = await call('ben', 'GET', `/messages/${parent_id}/thread?limit=2&cursor=${cursor}`);
    expect(bodies(second)).toEqual(['the blue one']);
    expect(second.body.next_cursor).toBeNull();
    expect((await call('mallory', 'GET', `/messages/${parent_id}/thread`)).status).toBe(404);
    expect((await call('ben', 'GET', '/messages/nonsense/thread')).status).toBe(404);
  });

  it('of a thread are shown to newcomers as far back as they may see', async () => {
    const channel = `project:${randomUUID()}`;
    const parent_id = await send(channel, 'root');
    await send(channel, 'before', { parent_id });
    const after = await send(channel, 'after', { parent_id });
    joinedAt = (await chat.findSent({ channel, sender_id: 'ada', client_message_id: 'after' }))
      ?.created_at as Date;
    expect(bodies(await call('newcomer', 'GET', `/messages/${after}/thread`))).toEqual(['after']);
    expect((await call('newcomer', 'GET', `/messages/${parent_id}/thread`)).status).toBe(404);
  });
});

describe('messages of several channels over HTTP', () => {
  const entity_id = randomUUID();
  const channels = ['open', 'shut', 'late'].map((kind) => `${kind}:${entity_id}`);
  const [, shut, late] = channels as [string, string, string];
  const bodies = async (user: string, url: string) => {
    const { status, body } = await call(user, 'GET', url);
    return { status, bodies: body.items?.map((item: { body: string }) => item.body) };
  };

  beforeAll(async () => {
    const links = [
      { entity_type: 'crane', entity_id },
      { entity_type: 'site', entity_id: '1' },
    ];
    for (const body of ['@cleo one', '@cleo two'])
      for (const channel of channels)
        await chat.send({
          channel,
          sender_id: 'ada',
          client_message_id: body,
          body: `${body} in ${channel.slice(0, 4)}`,
          links,
        });
    const { messages } = await chat.history(late, 'ada');
    shutTo = { cleo: shut };
    seenFrom = { cleo: { channel: late, from: messages[1]!.created_at } };
  });

  const seenByCleo = ['@cleo two in late', '@cleo two in open', '@cleo one in open'];

  it('that mention one are listed, newest first, as far as one may see them', async () => {
    expect(await bodies('cleo', '/messages/mentions')).toEqual({ status: 200, bodies: seenByCleo });
    expect(await bodies('ben', '/messages/mentions')).toEqual({ status: 200, bodies: [] });
  });

  it('that link to an entity are listed, newest first, as far as one may see them', async () => {
    const url = `/entities/crane/${entity_id}/messages`;
    expect(await bodies('cleo', url)).toEqual({ status: 200, bodies: seenByCleo });
    expect((await bodies('ben', url)).bodies).toHaveLength(6);
    expect((await bodies('mallory', url)).bodies).toEqual([]);
    // Another link's type with this link's id is no link.
    expect((await bodies('ben', `/entities/site/${entity_id}/messages`)).bodies).toEqual([]);
  });

  it('come page by page, whose places hold what one may not see', async () => {
    const first = await call('cleo', 'GET', '/messages/mentions?limit=2');
    const cursor = encodeURIComponent(first.body.next_cursor);
    const rest = await call('cleo', 'GET', `/messages/mentions?limit=100&cursor=${cursor}`);
    const items = [...first.body.items, ...rest.body.items] as { body: string }[];
    expect(items.map(({ body }) => body)).toEqual(seenByCleo);
    expect(rest.body.next_cursor).toBeNull();
  });
});

describe('comments over HTTP', () => {
  it('open a thread, answer in it, and resolve it', async () => {
    const url = `/entities/work_orders/${randomUUID()}/comments`;
    const opened = await call('ada', 'POST', url, { body: 'Which mix, @ben?' });
    expect(opened.status).toBe(201);
    const { thread_id } = opened.body.thread;
    const parent_id = opened.body.comment.comment_id;
    const answered = await call('ben', 'POST', url, { body: 'B 30', thread_id, parent_id });
    expect(answered.body.comment).toMatchObject({ author_id: 'ben', parent_id });
    expect((await call('ben', 'PUT', `${url}/${thread_id}/state`, { state: 'resolved' })).body).toMatchObject(
      {
        state: 'resolved',
        resolved_by: 'ben',
      },
    );
    const { comment_id } = answered.body.comment;
    expect(
      (await call('ben', 'PUT', `${url}/${thread_id}/${comment_id}`, { body: 'C 30' })).body.comment,
    ).toMatchObject({ body: 'C 30', edit_count: 1 });
    expect((await call('ben', 'DELETE', `${url}/${thread_id}/${comment_id}`)).status).toBe(200);
    const { body } = await call('ada', 'GET', url);
    expect(body).toMatchObject({
      items: [{ thread_id, state: 'resolved', comment_count: 1, followers: ['ada', 'ben'] }],
      next_cursor: null,
    });
  });

  it('are followed and muted by whoever reads them, and found by followers and those who are mentioned', async () => {
    const url = `/entities/work_orders/${randomUUID()}/comments`;
    const [reader, named] = [`reader-${randomUUID()}`, `named-${randomUUID()}`];
    const { thread_id } = (await call('ada', 'POST', url, { body: `Which mix, @${named}?` })).body.thread;
    await call(reader, 'PUT', `${url}/${thread_id}/subscription`);
    const muted = await call(named, 'DELETE', `${url}/${thread_id}/subscription`);
    expect(muted.body.items).toEqual([
      { user_id: 'ada', reason: 'author', since: expect.any(String) },
      { user_id: reader, reason: 'chosen', since: expect.any(String) },
      { user_id: named, reason: 'mentioned', since: expect.any(String), muted_at: expect.any(String) },
    ]);
    expect((await call('ada', 'GET', `${url}/${thread_id}/subscriptions`)).body).toEqual(muted.body);
    expect((await call(reader, 'GET', '/comments/followed')).body.items).toMatchObject([{ thread_id }]);
    expect((await call(named, 'GET', '/comments/mentions')).body.items).toMatchObject([{ thread_id }]);
    expect((await call(reader, 'GET', '/comments/mentions')).body.items).toEqual([]);
    expect((await call(reader, 'PUT', `${url}/nonsense/subscription`)).status).toBe(404);
  });

  it('refuse operator objects, unknown fields and unknown threads, and keep nothing of them', async () => {
    const url = `/entities/work_orders/${randomUUID()}/comments`;
    for (const payload of [{ body: { $gt: '' } }, { body: 'x', author_id: 'ben' }, { body: '' }, {}])
      expect((await call('ada', 'POST', url, payload)).status).toBe(400);
    expect((await call('ada', 'POST', url, { body: 'x', thread_id: 'nonsense' })).status).toBe(404);
    expect((await call('ada', 'GET', url)).body.items).toEqual([]);
  });
});
