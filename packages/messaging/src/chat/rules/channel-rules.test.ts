import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { useModels } from '@infratraq/testing';
import { ChatMessage, ChatReadState, ChatService, type ChatMembership } from '../../index.js';
import type { ChannelRuleChange } from '../membership.js';
import { SendRate } from './send-rate.js';

const database = useModels(ChatMessage, ChatReadState);
const membership: ChatMembership = {
  roleOf: async (_channel, userId) => (userId === 'olga' ? 'owner' : 'member'),
  rulesOf: async (channel) => (channel.startsWith('slow:') ? { slow_mode_seconds: 60 } : {}),
};
let chat: ChatService;
beforeAll(() => {
  chat = new ChatService({ models: database.models, membership });
});
const send = (channel: string, sender_id: string, client_message_id: string = randomUUID(), service = chat) =>
  service.send({ channel, sender_id, client_message_id, body: client_message_id });

it('in a slow channel a member has one turn at a time, through whichever process; owners and retries pass', async () => {
  const channel = `slow:${randomUUID()}`;
  const other = new ChatService({ models: database.models, membership });
  const outcomes = await Promise.allSettled([
    send(channel, 'ada', 'one'),
    send(channel, 'ada', 'two', other),
    send(channel, 'ada', 'three'),
  ]);
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused).toHaveLength(2);
  for (const { reason } of refused) {
    expect(reason).toMatchObject({ code: 'channel.slow-mode', status: 429 });
    expect(reason.retryAfterMilliseconds).toBeGreaterThan(50_000);
    expect(reason.retryAfterMilliseconds).toBeLessThanOrEqual(60_000);
  }
  const [stored] = (await chat.history(channel, 'ada')).messages;
  expect(await send(channel, 'ada', stored?.client_message_id)).toMatchObject({ created: false });
  await send(channel, 'olga');
  await send(channel, 'olga');
  await send(channel, 'ben');
});

it('a message that is refused takes no turn in a slow channel', async () => {
  const channel = `slow:${randomUUID()}`;
  const message = { channel, sender_id: 'ada', client_message_id: 'empty', body: ' ' };
  await expect(chat.send(message)).rejects.toMatchObject({ code: 'message.empty' });
  const parent_id = 'f'.repeat(24);
  await expect(chat.send({ ...message, body: 'lost', parent_id })).rejects.toMatchObject({
    code: 'message.unknown',
  });
  expect(await send(channel, 'ada')).toMatchObject({ created: true });
});

it('refuses what a user sends beyond their rate, says when to try again, and leaves others alone', async () => {
  const limited = new ChatService({
    models: database.models,
    membership,
    sendRate: { burst: 3, perSecond: 0.01 },
  });
  const channel = `project:${randomUUID()}`;
  for (let turn = 0; turn < 3; turn += 1) await send(channel, 'ada', undefined, limited);
  const refused = await send(channel, 'ada', undefined, limited).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'message.too-fast', status: 429 });
  expect((refused as { retryAfterMilliseconds: number }).retryAfterMilliseconds).toBeGreaterThan(90_000);
  await send(channel, 'ben', undefined, limited);
  expect((await chat.history(channel, 'ada')).latest_seq).toBe(4);
});

it('counts changes of messages as well', async () => {
  const sendRate = { burst: 5, perSecond: 0.01 };
  const limited = new ChatService({ models: database.models, membership, sendRate });
  const channel = `project:${randomUUID()}`;
  const { message } = await send(channel, 'ada', undefined, limited);
  const one = { message_id: message._id.toHexString(), user_id: 'ada' };
  const change = (kind: string) => {
    if (kind === 'react') return limited.react({ ...one, emoji: '👍', on: true });
    if (kind === 'pin') return limited.pin({ ...one, on: true });
    return kind === 'edit' ? limited.edit({ ...one, body: 'again' }) : limited.delete(one);
  };
  const kinds = ['react', 'pin', 'edit', 'delete'];
  for (const kind of kinds) await change(kind);
  for (const kind of kinds) await expect(change(kind)).rejects.toMatchObject({ code: 'message.too-fast' });
});

it('lets a user send again as time passes, up to the burst', () => {
  const rate = new SendRate({ burst: 2, perSecond: 10 });
  const isRefused = (now: number) => {
    try {
      rate.take('ada', now);
      return false;
    } catch {
      return true;
    }
  };
  const times = [0, 0, 0, 99, 101, 101, 9_000, 9_000, 9_000];
  expect(times.map(isRefused)).toEqual([false, false, true, true, false, true, false, false, true]);
});

it('keeps pins, the latest first; pinning twice changes nothing, and a tombstone has none', async () => {
  const channel = `project:${randomUUID()}`;
  const ids: string[] = [];
  for (let turn = 0; turn < 3; turn += 1) ids.push((await send(channel, 'ada')).message._id.toHexString());
  const pin = (place: number, on: boolean) =>
    chat.pin({ message_id: ids[place] as string, user_id: 'ben', on });
  const pinned = async () =>
    (await chat.pinned(channel, 'ada')).map(({ _id }) => ids.indexOf(_id.toHexString()));
  await pin(0, true);
  await pin(2, true);
  expect((await pin(0, true)).changed).toBe(false);
  expect((await pinned()).sort()).toEqual([0, 2]);
  expect((await pin(0, false)).message.pinned_at).toBeUndefined();
  expect(await pinned()).toEqual([2]);
  await chat.delete({ message_id: ids[2] as string, user_id: 'ada' });
  expect(await pinned()).toEqual([]);
  await expect(pin(2, true)).rejects.toMatchObject({ code: 'message.deleted' });
});

describe("a channel's rules", () => {
  it('are changed by its owners alone, within what the store allows', async () => {
    const rules = new Map<string, ChannelRuleChange>();
    const kept: ChatMembership = {
      ...membership,
      setRules: async (channel, change) => void rules.set(channel, { ...rules.get(channel), ...change }),
    };
    const strict = new ChatService({ models: database.models, membership: kept, retentionDays: 90 });
    const channel = `project:${randomUUID()}`;
    const change = (user_id: string, wanted: ChannelRuleChange, service = strict) =>
      service.setRules({ channel, user_id, ...wanted });
    await change('olga', { slow_mode_seconds: 30 });
    await change('olga', { retention_days: 90 });
    expect(rules.get(channel)).toEqual({ slow_mode_seconds: 30, retention_days: 90 });
    await expect(change('ada', { slow_mode_seconds: null })).rejects.toMatchObject({
      code: 'channel.forbidden',
    });
    for (const retention_days of [91, 0, 1.5])
      await expect(change('olga', { retention_days })).rejects.toMatchObject({ code: 'channel.retention' });
    await expect(change('olga', { slow_mode_seconds: -1 })).rejects.toMatchObject({
      code: 'channel.slow-mode',
    });
    await expect(change('olga', { slow_mode_seconds: 5 }, chat)).rejects.toMatchObject({
      code: 'channel.rules-fixed',
    });
    expect(rules.get(channel)).toEqual({ slow_mode_seconds: 30, retention_days: 90 });
  });
});
