import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { runAsActor, type Actor, type EntityAccess, type NotificationRequest } from '@infratraq/kernel';
import { openPostgres, type Postgres } from '@infratraq/postgres';
import { useModels } from '@infratraq/testing';
import { ChatMessage, ChatReadState, ChatService } from '../index.js';
import { createChannels, messagingMigrations, watchChannels, type WatchedChannels } from './index.js';

const database = useModels(ChatMessage, ChatReadState);
let databases: TestDatabases;
let postgres: Postgres;
let watched: WatchedChannels;
let chat: ChatService;
let made: ReturnType<typeof createChannels>;
const requests: NotificationRequest[] = [];
const seenBy: Record<string, 'viewer' | 'member' | 'manager'> = { ada: 'manager', rita: 'viewer' };
const access: EntityAccess = {
  scopesOfActor: async ({ user_id }) =>
    seenBy[user_id] ? [{ scope: 'project:1', role: seenBy[user_id] }] : [],
  scopesOfEntity: async () => ['project:1'],
};
const as = (user_id: string): Actor => ({ user_id, roles: ['member'], cause_id: 'cause' });

beforeAll(async () => {
  databases = await createTestDatabases({ mongodb: false, postgres: true });
  ({ postgres } = await openPostgres(databases, [messagingMigrations]));
  await postgres.pool.query(
    `insert into infratraq.users (user_id, display_name, status) values ('ada', 'Ada', 'active'), ('ben', 'Ben', 'active'),
     ('rita', 'Rita', 'active'), ('gone', 'Gone', 'departed')`,
  );
  watched = await watchChannels(postgres, () => undefined);
  made = createChannels({ postgres, models: database.models, watched, access });
  chat = new ChatService({
    models: database.models,
    membership: made.membership,
    notifier: {
      send: async (request) => {
        requests.push(request);
        return { notification_id: 'n' };
      },
      retract: async () => undefined,
    },
  });
});
afterAll(async () => {
  await watched.close();
  await postgres.close();
  await databases.drop();
});

const makeGroup = async (...members: string[]) =>
  (await made.channels.create(as('ada'), { title: 'Crew', members })).channel.channel_id;
const send = (channel: string, body: string, sender_id = 'ada') =>
  chat.send({ channel, sender_id, client_message_id: body, body });

it('a muted channel notifies of no mention and still counts what is unread', async () => {
  const channel = await makeGroup('ben', 'rita');
  await made.channels.mute(as('ben'), channel, true);
  await send(channel, 'look, @ben and @rita');
  expect(requests.splice(0).map(({ to }) => to.users)).toEqual([['rita']]);
  const { items } = await made.channels.list(as('ben'), { limit: 5 });
  expect(items).toMatchObject([{ channel_id: channel, muted: true, activity: { unread_count: 1 } }]);
  await made.channels.mute(as('ben'), channel, false);
  await send(channel, 'again @ben');
  expect(requests.splice(0).map(({ to }) => to.users)).toEqual([['ben']]);
});

it('an archived channel takes no message, change, reaction or member, until it is taken back into use', async () => {
  const channel = await makeGroup('ben');
  const { message } = await send(channel, 'before');
  const change = { message_id: message._id.toHexString(), user_id: 'ada' };
  await made.channels.change(as('ada'), channel, { archived: true });
  for (const refused of [
    () => send(channel, 'after'),
    () => chat.edit({ ...change, body: 'other' }),
    () => chat.react({ ...change, emoji: '👍', on: true }),
    () => made.channels.putMember(as('ada'), channel, { user_id: 'rita' }),
    () => made.channels.removeMember(as('ada'), channel, 'ben'),
    () => made.channels.change(as('ada'), channel, { title: 'Other' }),
  ])
    await expect(refused()).rejects.toMatchObject({ code: 'channel.archived', status: 409 });
  expect((await chat.history(channel, 'ben')).messages).toHaveLength(1);
  await made.channels.change(as('ada'), channel, { archived: false });
  await expect(send(channel, 'after')).resolves.toMatchObject({ created: true });
});

it('those who see an entity are the members of its channel, by the role that they have there', async () => {
  const { channel } = await made.channels.create(as('ada'), {
    kind: 'entity',
    entity_type: 'projects',
    entity_id: '1',
  });
  const id = channel.channel_id;
  const roleOf = (user: string) => runAsActor(as(user), () => made.membership.roleOf(id, user));
  expect([await roleOf('ada'), await roleOf('rita'), await roleOf('ben')]).toEqual([
    'manager',
    'reader',
    undefined,
  ]);
  expect((await made.channels.list(as('rita'), { limit: 50 })).items).toContainEqual(
    expect.objectContaining({ channel_id: id, role: 'reader' }),
  );
  expect((await made.channels.list(as('ben'), { limit: 50 })).items).not.toContainEqual(
    expect.objectContaining({ channel_id: id }),
  );
  await expect(made.channels.putMember(as('ada'), id, { user_id: 'ben' })).rejects.toMatchObject({
    code: 'channel.not-in-scope',
  });
  await expect(made.channels.removeMember(as('rita'), id, 'rita')).rejects.toMatchObject({
    code: 'channel.members-by-scope',
  });
  const entity = { kind: 'entity', entity_type: 'projects', entity_id: '1' } as const;
  await expect(made.channels.create(as('rita'), entity)).rejects.toMatchObject({
    code: 'access.role-too-low',
  });
  await expect(made.channels.create(as('ben'), entity)).rejects.toMatchObject({ code: 'entity.unknown' });
});

it('two who ask at once for a direct channel, or twice with one key, get one', async () => {
  const direct = (user: string, other: string) =>
    made.channels.create(as(user), { kind: 'direct', members: [other] });
  const both = await Promise.all([direct('ada', 'ben'), direct('ben', 'ada'), direct('ada', 'ben')]);
  expect(new Set(both.map(({ channel }) => channel.channel_id)).size).toBe(1);
  expect(both.filter(({ created }) => created)).toHaveLength(1);
  const keyed = { title: 'Keyed', client_channel_id: 'k' };
  const twice = await Promise.all([0, 1].map(() => made.channels.create(as('ada'), keyed)));
  expect(new Set(twice.map(({ channel }) => channel.channel_id)).size).toBe(1);
  await expect(direct('ada', 'gone')).rejects.toMatchObject({ code: 'user.unknown' });
});
