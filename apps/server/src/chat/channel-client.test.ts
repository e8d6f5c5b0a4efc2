import { ChatClient, type ChatClientOptions } from '@infratraq/chat-client';
import { eventually } from '@infratraq/engines';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { openLink, type CutLink } from '../testing/cut-link.js';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

let server: TestServer;
let link: CutLink;
const clients: ChatClient[] = [];

beforeAll(async () => {
  server = await openTestServer();
  link = await openLink(Number(new URL(server.url).port));
  await server.postgres.pool.query(`
    insert into infratraq.users (user_id, display_name) values ('ada', 'Ada'), ('ben', 'Ben'), ('cem', 'Cem')`);
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(async () => {
  link.close();
  await server.close();
});

async function open(user: string, url = server.url, options: Partial<ChatClientOptions> = {}) {
  const client = new ChatClient(url, {
    token: await server.tokenOf(user, ['member']),
    reconnectMilliseconds: 200,
    // Nothing but events and reconnections bring anything.
    syncMilliseconds: 3_600_000,
    ...options,
  });
  clients.push(client);
  await until(() => client.connected);
  return client;
}
const until = (ask: () => unknown) => eventually(ask, Boolean);
const titles = (client: ChatClient) => client.channels.mine.map(({ title }) => title);
const shows = (client: ChatClient, title: string) =>
  client.channels.mine.find((channel) => channel.title === title);

it('a group is made, shared, renamed, handed over, left and archived, and every list of it follows', async () => {
  const [ada, ben] = [await open('ada'), await open('ben')];
  await Promise.all([ada.channels.follow(), ben.channels.follow()]);
  const heard: string[] = [];
  for (const name of ['channel:updated', 'channel:archived', 'member:added', 'member:removed'] as const)
    ben.on(name, () => heard.push(name));

  const { channel_id } = await ada.channels.create({ title: 'Bridge' });
  expect(shows(ada, 'Bridge')).toMatchObject({ role: 'manager', unread_count: 0, last_message: null });
  await ada.channels.putMember(channel_id, 'ben');
  await until(() => shows(ben, 'Bridge'));
  expect(shows(ben, 'Bridge')).toMatchObject({ role: 'member', muted: false });
  expect(await ben.channels.listMembers(channel_id)).toEqual([
    { user_id: 'ada', role: 'manager' },
    { user_id: 'ben', role: 'member' },
  ]);

  await ben.join(channel_id);
  await ada.send({ channel: channel_id, body: 'Span 4 is closed' });
  await until(() => shows(ben, 'Bridge')?.unread_count === 1);
  expect(shows(ben, 'Bridge')?.last_message?.body).toBe('Span 4 is closed');
  await ben.markRead(channel_id, 1);
  expect(shows(ben, 'Bridge')).toMatchObject({ unread_count: 0, read_seq: 1 });
  await ben.channels.mute(channel_id);
  expect(shows(ben, 'Bridge')?.muted).toBe(true);

  await ada.channels.rename(channel_id, 'Bridge 4');
  await until(() => shows(ben, 'Bridge 4'));
  await ada.channels.putMember(channel_id, 'ben', 'manager');
  await until(() => shows(ben, 'Bridge 4')?.role === 'manager');
  expect(await ada.channels.leave(channel_id)).toBe(false);
  expect(titles(ada)).toEqual([]);

  await ben.channels.archive(channel_id);
  expect(titles(ben)).toEqual([]);
  expect((await ben.channels.list({ archived: true })).map(({ title }) => title)).toContain('Bridge 4');
  await ben.channels.reopen(channel_id);
  expect(titles(ben)).toEqual(['Bridge 4']);
  await until(() => heard.length >= 5);
  expect(heard).toEqual([
    'member:added',
    'channel:updated',
    'member:removed',
    'channel:archived',
    'channel:updated',
  ]);
});

it('the channel of two users and that of an entity are made once, and refusals carry the code of the server', async () => {
  const [ada, ben] = [await open('ada'), await open('ben')];
  const there = await ada.channels.create({ kind: 'direct', members: ['ben'] });
  const back = await ben.channels.create({ kind: 'direct', members: ['ada'] });
  expect(back.channel_id).toBe(there.channel_id);
  const keyed = { kind: 'entity', entity_type: 'projects', entity_id: '1', client_channel_id: 'k' } as const;
  const first = await ada.channels.create(keyed);
  expect(await ada.channels.create(keyed)).toEqual(first);
  expect((await ben.channels.get(first.channel_id)).role).toBe('member');

  await expect(ben.channels.rename(first.channel_id, 'Mine')).rejects.toMatchObject({
    code: 'channel.forbidden',
  });
  await expect(ada.channels.leave(there.channel_id)).rejects.toMatchObject({
    code: 'channel.direct-fixed',
  });
  await ada.channels.archive(first.channel_id);
  const unknown = await open('ada', `http://127.0.0.1:${link.port}`);
  link.cut();
  await expect(unknown.channels.list()).rejects.toMatchObject({ code: 'client.unanswered' });
  link.mend();
});

it('what happened to channels while a client was away is there once it is back, and removal is heard by all', async () => {
  const [ada, away] = [await open('ada'), await open('cem', `http://127.0.0.1:${link.port}`)];
  await away.channels.follow();
  const kept = await ada.channels.create({ title: 'Kept', members: ['cem'] });
  const lost = await ada.channels.create({ title: 'Lost', members: ['cem'] });
  const closed = await ada.channels.create({ title: 'Closed', members: ['cem'] });
  await until(() => titles(away).length === 3);

  link.cut();
  await until(() => !away.connected);
  await ada.send({ channel: kept.channel_id, body: 'Meanwhile' });
  await ada.channels.rename(kept.channel_id, 'Kept on');
  await ada.channels.removeMember(lost.channel_id, 'cem');
  await ada.channels.archive(closed.channel_id);
  await ada.channels.create({ title: 'New', members: ['cem'] });
  expect(titles(away)).toEqual(['Closed', 'Lost', 'Kept']);
  link.mend();
  await until(() => titles(away).length === 2);
  expect(titles(away)).toEqual(['New', 'Kept on']);
  expect(shows(away, 'Kept on')).toMatchObject({ unread_count: 1, last_message: { body: 'Meanwhile' } });

  // Not joined, and yet told.
  const removed = new Promise((resolve) => away.on('channel:removed', resolve));
  await ada.channels.removeMember(kept.channel_id, 'cem');
  expect(await removed).toEqual({ channel: kept.channel_id });
  await until(() => titles(away).length === 1);
});

it('a read on one device moves the count on another, and a deleted message counts no more', async () => {
  const [ada, phone, laptop] = [await open('ada'), await open('ben'), await open('ben')];
  const { channel_id: channel } = await ada.channels.create({ title: 'Devices', members: ['ben'] });
  for (const device of [phone, laptop]) {
    await device.channels.follow();
    await device.join(channel);
  }
  const sent = [];
  for (const body of ['one', 'two', 'three']) sent.push(await ada.send({ channel, body }));
  await until(() => shows(laptop, 'Devices')?.unread_count === 3);
  await phone.markRead(channel, 1);
  await until(() => shows(laptop, 'Devices')?.unread_count === 2);
  await ada.delete(sent[1]!.message_id);
  await until(() => shows(laptop, 'Devices')?.unread_count === 1);
  await ada.react(sent[2]!.message_id, '👍', true);
  await until(() => shows(laptop, 'Devices')?.last_message?.reactions.length === 1);
});
