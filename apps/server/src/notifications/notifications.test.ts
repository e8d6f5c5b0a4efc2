import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

let server: TestServer;
let operator: Awaited<ReturnType<TestServer['as']>>;
let engineer: Awaited<ReturnType<TestServer['as']>>;

interface InboxPage {
  items: { id: string; title: string; read_at?: string; url?: string }[];
  unread: number;
}

beforeAll(async () => {
  server = await openTestServer();
  operator = await server.as('u-operator-1', 'operator');
  engineer = await server.as('u-engineer-1', 'member');
});
afterAll(() => server.close());

let socket: Socket | undefined;
afterEach(() => void socket?.disconnect());

const notice = (body: object) =>
  operator<{ notification_id: string }>('POST', '/notifications', {
    to: { users: ['u-engineer-1'] },
    type: 'notice.posted',
    ...body,
  });
const inboxWith = (title: string) =>
  eventually(
    () => engineer<InboxPage>('GET', '/notifications'),
    ({ body }) => body.items.some((item) => item.title === title),
  );

it('brings a notice into the inbox, live to those who are connected, until it is read', async () => {
  socket = io(`${server.url}/notifications`, {
    auth: { token: await server.tokenOf('u-engineer-1', ['member']) },
    transports: ['websocket'],
  });
  const [greeting] = (await once(socket as never, 'inbox:changed')) as [{ unread: number }];
  expect(greeting).toEqual({ unread: 0 });
  const changed = once(socket as never, 'inbox:changed');
  const sent = await notice({ data: { title: 'Bridge closed', body: 'Until noon', url: '/bridges/1' } });
  expect(sent.status).toBe(202);
  const [change] = (await changed) as [{ unread: number; item: { title: string } }];
  expect(change).toMatchObject({ unread: 1, item: { title: 'Bridge closed', url: '/bridges/1' } });
  const { body } = await inboxWith('Bridge closed');
  expect(body.unread).toBe(1);
  const read = once(socket as never, 'inbox:changed');
  expect((await engineer('POST', `/notifications/${body.items[0]!.id}/read`)).status).toBe(204);
  expect(((await read) as [object])[0]).toMatchObject({ unread: 0 });
  const after = await engineer<InboxPage>('GET', '/notifications');
  expect(after.body.items[0]).toMatchObject({ read_at: expect.any(String) });
  expect((await engineer<InboxPage>('GET', '/notifications?unread=true')).body.items).toEqual([]);
});

it('shows what would be sent, and refuses data that the type does not have', async () => {
  const preview = (data: object) =>
    operator('POST', '/notifications/preview', {
      type: 'notice.posted',
      channel: 'email',
      locale: 'de-AT',
      data,
    });
  expect((await preview({ title: 'A & B', body: 'one\n<two>' })).body).toMatchObject({
    title: 'A & B',
    html: expect.stringContaining('one<br />\n&lt;two&gt;'),
    body: 'one\n<two>',
    template: { locale: 'en' },
  });
  expect(await preview({ title: 7 })).toMatchObject({ status: 400, body: { code: 'notification.data' } });
  expect(await notice({ type: 'no.such', data: {} })).toMatchObject({
    status: 404,
    body: { code: 'notification.type-unknown' },
  });
});

it.each([
  [
    'POST',
    '',
    { to: {}, type: 'notice.posted', data: { title: 'a', body: '' } },
    400,
    'notification.audience',
  ],
  [
    'POST',
    '',
    { to: { users: ['u'] }, type: 'notice.posted', data: { title: '' } },
    400,
    'notification.data',
  ],
  ['POST', '', { to: { users: ['u'] }, type: 'no.such', data: {} }, 404, 'notification.type-unknown'],
  ['POST', '', { to: { users: ['u'], all: true }, type: 'notice.posted', data: {} }, 400, 'input.invalid'],
  ['POST', '', { to: { users: ['u'] }, type: 'a', data: {}, channels: ['pigeon'] }, 400, 'input.invalid'],
  ['POST', '', { to: { users: ['u'] }, type: 'a', data: {}, not_after: 'soon' }, 400, 'input.invalid'],
  ['POST', '', { to: { users: ['u'] }, type: 'a', data: {}, idempotency_key: '' }, 400, 'input.invalid'],
  ['POST', '/preview', { type: 'no.such', channel: 'email', data: {} }, 404, 'notification.type-unknown'],
  [
    'POST',
    '/preview',
    {
      type: 'chat.mentioned',
      channel: 'sms',
      data: { channel: 'c', seq: 1, sender_id: 's', message_id: 'm', excerpt: 'e' },
    },
    404,
    'notification.template-missing',
  ],
  ['POST', '/retract', {}, 400, 'input.invalid'],
  ['POST', '/nonsense/cancel', undefined, 400, 'input.invalid'],
  ['POST', '/00000000-0000-4000-8000-000000000000/cancel', undefined, 404, 'notification.unknown'],
  ['POST', '/deliveries/nonsense/replay', undefined, 404, 'delivery.unknown'],
  ['POST', '/deliveries/0123456789abcdef01234567/replay', undefined, 404, 'delivery.unknown'],
  ...['seen', 'read', 'clicked', 'archive'].flatMap((act) => [
    ['POST', `/nonsense/${act}`, undefined, 404, 'inbox.item-unknown'],
    ['POST', `/0123456789abcdef01234567/${act}`, undefined, 404, 'inbox.item-unknown'],
  ]),
  ['GET', '?limit=0', undefined, 400, 'input.invalid'],
  ['GET', '?unread=maybe', undefined, 400, 'input.invalid'],
  ['GET', '?cursor=nonsense', undefined, 400, 'cursor.invalid'],
  ['DELETE', '/complaints/notice.posted', undefined, 404, 'complaint.unknown'],
] as [string, string, object | undefined, number, string][])(
  'says what is wrong with %s /notifications%s %j',
  async (method, path, body, status, code) => {
    const answer = await operator(method, `/notifications${path}`, body);
    expect(answer).toMatchObject({ status, type: expect.stringContaining('problem+json'), body: { code } });
  },
);

it('lets members neither send nor touch the inbox of others', async () => {
  expect((await engineer('POST', '/notifications', {})).status).toBe(403);
  await notice({ data: { title: 'Only yours', body: '' } });
  const { body } = await inboxWith('Only yours');
  const { id } = body.items.find(({ title }) => title === 'Only yours')!;
  const other = await server.as('u-engineer-2', 'member');
  for (const act of ['seen', 'read', 'archive', 'clicked'])
    expect((await other('POST', `/notifications/${id}/${act}`)).status).toBe(404);
  expect((await engineer('POST', `/notifications/${id}/archive`)).status).toBe(204);
  const left = await engineer<InboxPage>('GET', '/notifications');
  expect(left.body.items.map((item) => item.id)).not.toContain(id);
});

it('marks an item as seen, and all items as read', async () => {
  await notice({ data: { title: 'Seen', body: '' } });
  const { body } = await inboxWith('Seen');
  const { id } = body.items.find(({ title }) => title === 'Seen')!;
  expect((await engineer('POST', `/notifications/${id}/seen`)).status).toBe(204);
  const seen = await engineer<InboxPage>('GET', '/notifications');
  expect(seen.body.items.find((item) => item.id === id)).toMatchObject({ seen_at: expect.any(String) });
  expect(seen.body.unread).toBe(body.unread);
  expect((await engineer('POST', '/notifications/read-all')).body).toEqual({ read: body.unread });
  const read = await engineer<InboxPage>('GET', '/notifications');
  expect(read.body).toMatchObject({ unread: 0 });
  expect(read.body.items.every(({ read_at }) => read_at !== undefined)).toBe(true);
});

it('takes back what was sent under a key', async () => {
  await notice({ data: { title: 'Too early', body: '' }, idempotency_key: 'early-1' });
  await inboxWith('Too early');
  expect((await operator('POST', '/notifications/retract', { idempotency_key: 'early-1' })).status).toBe(204);
  await eventually(
    () => engineer<InboxPage>('GET', '/notifications'),
    ({ body }) => body.items.every((item) => item.title !== 'Too early'),
  );
});

it('keeps its own bookkeeping out of the changelog', async () => {
  await server.postgres.pool.query(
    `update infratraq.users set phone = '+436601234567' where user_id = 'u-engineer-1'`,
  );
  await eventually(
    () => server.mongodbDocuments('entity_changelog', { entity_id: 'u-engineer-1' }),
    (changes) => changes.length > 0,
  );
  const types = (await server.mongodbDocuments('entity_changelog')).map(({ entity_type }) =>
    String(entity_type),
  );
  expect(types.filter((type) => /notification_|job|pgboss/.test(type))).toEqual([]);
});
