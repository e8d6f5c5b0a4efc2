import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { useModels } from '@infratraq/testing';
import fc from 'fast-check';
import { ChatMessage, ChatReadState, ChatService } from '../index.js';

const database = useModels(ChatMessage, ChatReadState);
let chat: ChatService;
beforeAll(() => {
  chat = new ChatService({ models: database.models, membership: { roleOf: async () => 'member' as const } });
});

const family = '👨‍👩‍👧‍👦';
const newChannel = () => `project:${randomUUID()}`;
const send = (body: string, more: Partial<Parameters<ChatService['send']>[0]> = {}) =>
  chat.send({ channel: newChannel(), sender_id: 'ada', client_message_id: randomUUID(), body, ...more });
const file = { attachment_id: 'a-1', file_name: 'plan.pdf', content_type: 'application/pdf', size_bytes: 1 };

describe('what is typed', () => {
  it.each([
    ['half an emoji', `x${family.slice(0, 1)}`, 'text.invalid'],
    ['a NUL', 'x\0', 'text.invalid'],
    ['an escape', 'x\x1b[2J', 'message.invalid'],
    ['nothing that shows', '\u200b\u2060 ', 'message.empty'],
    ['8,001 characters', 'x'.repeat(8_001), 'message.too-long'],
    ['8,000 emoji of 25 bytes', family.repeat(8_000), 'message.too-long'],
  ])('is refused as a whole: %s', async (_what, body, code) => {
    await expect(send(body)).rejects.toMatchObject({ code, status: 400 });
  });

  it('is taken up to 8,000 characters as people count them, and can be edited to as many', async () => {
    const body = 'e\u0301👍'.repeat(4_000);
    const { message } = await send(body);
    expect(message.body).toBe(body);
    const change = { message_id: message._id.toHexString(), user_id: 'ada', body: `${body.slice(0, -2)}🎉` };
    expect((await chat.edit(change)).message.body).toBe(change.body);
  });

  it('is stored as it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }), async (body) => {
        const { message } = await send(body).catch((error: { code: string }) => {
          expect(error.code).toMatch(/^(text\.invalid|message\.(invalid|empty))$/);
          return { message: undefined };
        });
        if (!message) return;
        const stored = await database.models.of(ChatMessage).findOne({ _id: message._id }).lean();
        expect(stored?.body).toBe(body);
      }),
      { numRuns: 200 },
    );
  });

  it.each(['../../etc/passwd', 'a/b', 'a b', ''])('names no file %j', async (attachment_id) => {
    const attachments = [{ ...file, attachment_id }];
    await expect(send('x', { attachments })).rejects.toMatchObject({ code: 'message.invalid' });
  });

  it.each(['../../plan.pdf', 'C:\\plan.pdf', 'plan\u202efdp.exe'])(
    'names a file, not %j',
    async (file_name) => {
      const attachments = [{ ...file, file_name }];
      await expect(send('x', { attachments })).rejects.toMatchObject({ code: 'message.invalid' });
    },
  );

  it('reacts with one emoji, and with nothing else', async () => {
    const { message } = await send('x');
    const react = (emoji: string) =>
      chat.react({ message_id: message._id.toHexString(), user_id: 'ben', emoji, on: true });
    for (const text of ['no', '👍👍', '\u200b', '<script>'])
      await expect(react(text)).rejects.toMatchObject({ code: 'message.emoji' });
    expect((await react(family)).message.reactions).toMatchObject([{ emoji: family }]);
  });
});

describe('a message that is sent again under its key', () => {
  it('is the one that was stored, also once that was edited or deleted; another is refused', async () => {
    const key = { channel: newChannel(), client_message_id: 'c-1' };
    const first = await send('one', key);
    const message_id = first.message._id.toHexString();
    const again = () => send('one', { ...key, attachments: [], links: [] });
    const other = () => send('two', key);
    const refused = { code: 'message.key-reused', status: 409 };
    expect(await again()).toMatchObject({ created: false, message: { seq: 1 } });
    await expect(other()).rejects.toMatchObject(refused);
    await chat.edit({ message_id, user_id: 'ada', body: 'two' });
    expect((await again()).created).toBe(false);
    await expect(other()).rejects.toMatchObject(refused);
    await chat.delete({ message_id, user_id: 'ada' });
    expect((await again()).created).toBe(false);
    await expect(send('one', { ...key, attachments: [file] })).rejects.toMatchObject(refused);
    expect((await send('two', { ...key, sender_id: 'ben' })).created).toBe(true);
  });

  it('is refused too where both are sent at once', async () => {
    const key = { channel: newChannel(), client_message_id: 'c-1' };
    const outcomes = await Promise.allSettled([send('one', key), send('two', key), send('one', key)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});

it('counts as unread what there is to read', async () => {
  const channel = newChannel();
  const bodies = ['a', 'b', 'c', 'd'];
  const sent = (await Promise.all(bodies.map((body) => send(body, { channel })))).map(
    ({ message }) => message,
  );
  const unread = async () => (await chat.position(channel, 'ben')).unread_count;
  const remove = (place: number) =>
    chat.delete({ message_id: sent[place]!._id.toHexString(), user_id: 'ada' });
  expect(await unread()).toBe(4);
  await remove(0);
  await remove(2);
  expect(await unread()).toBe(2);
  await chat.markRead({ channel, user_id: 'ben', seq: 2 });
  expect(await unread()).toBe(1);
  await remove(3);
  expect(await unread()).toBe(0);
});
