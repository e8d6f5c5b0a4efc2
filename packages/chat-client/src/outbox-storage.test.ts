import { describe, expect, it } from '@jest/globals';
import { createWebOutboxStorage, type ChatClient, type OutboxStorage } from './index.js';
import { bodies, newChannel, reaches, useChatServer } from './testing/use-chat-server.js';

const server = useChatServer();
const { open, join } = server;
const pendingBodies = (client: ChatClient, channel: string) =>
  client.pending(channel).map(({ body }) => body);
const failuresOf = (client: ChatClient) => {
  const failures: unknown[] = [];
  client.on('outbox:failed', ({ error }) => failures.push([error.code, (error.cause as Error).message]));
  return failures;
};

describe('what a client left unacknowledged', () => {
  it('is pending in the next one, which sends it in order and once, also what was stored already', async () => {
    const channel = newChannel();
    const outboxStorage = new Map<string, string>();
    const ben = await join('ben', channel);
    const before = await join('ada', channel, { outboxStorage });
    server.swallowAnswers(1);
    const sent = ['one', 'two', 'three'].map((body) => before.send({ channel, body }));
    const outcomes = Promise.allSettled(sent);
    await reaches(ben, channel, ({ length }) => length === 1);
    before.close();
    expect(await outcomes).toMatchObject(Array(3).fill({ reason: { code: 'client.closed' } }));

    const after = open('ada', { outboxStorage });
    expect(pendingBodies(after, channel)).toEqual(['one', 'two', 'three']);
    expect(await after.send({ channel, body: 'four' })).toMatchObject({ seq: 4 });
    expect(outboxStorage.size).toBe(0);
    await reaches(ben, channel, ({ length }) => length === 4);
    expect(bodies(ben, channel)).toEqual(['one', 'two', 'three', 'four']);
  });

  it('comes before what is written now, although the clock was set back', async () => {
    const channel = newChannel();
    const message = { channel, body: 'from the future', client_message_id: 'c-1' };
    const outboxStorage = new Map([[`${Date.now() + 1e9}`.padStart(15, '0'), JSON.stringify(message)]]);
    const first = open('ada', { token: 'nobody listens', outboxStorage });
    first.send({ channel, body: 'now' }).catch(() => undefined);
    first.close();
    expect(pendingBodies(open('ada', { outboxStorage }), channel)).toEqual(['from the future', 'now']);
  });

  it('is given up and told of when the server refuses it for good', async () => {
    const channel = newChannel();
    const message = { channel, body: ' ', client_message_id: 'c-1' };
    const outboxStorage = new Map([['1', JSON.stringify(message)]]);
    const ada = open('ada', { outboxStorage });
    const refused = new Promise((resolve) => ada.on('message:refused', resolve));
    expect(await refused).toMatchObject({ message, error: { code: 'message.empty' } });
    await ada.send({ channel, body: 'fine' });
    expect(outboxStorage.size).toBe(0);
  });
});

describe('a storage that fails', () => {
  const fail = () => {
    throw new Error('quota exceeded');
  };
  const failure = ['client.outbox-storage', 'quota exceeded'];

  it.each<[string, Partial<OutboxStorage>, number]>([
    ['to read', { entries: fail }, 1],
    ['to keep', { set: fail }, 2],
    ['to remove', { delete: fail }, 2],
  ])('%s is told, and what is written is sent all the same', async (_what, broken, failures) => {
    const channel = newChannel();
    const kept = new Map<string, string>();
    const outboxStorage: OutboxStorage = {
      entries: () => kept.entries(),
      set: (key, text) => kept.set(key, text),
      delete: (key) => kept.delete(key),
      ...broken,
    };
    const ada = open('ada', { outboxStorage });
    const told = failuresOf(ada);
    const sent = await Promise.all(['one', 'two'].map((body) => ada.send({ channel, body })));
    expect(sent.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(told).toEqual(Array(failures).fill(failure));
    ada.close();
    // What could not be removed is sent again, and stored once.
    const again = open('ada', { outboxStorage: kept });
    expect(await again.send({ channel, body: 'three' })).toMatchObject({ seq: 3 });
  });

  it('leaves what it can read of damaged entries', async () => {
    const channel = newChannel();
    const message = { channel, body: 'whole', client_message_id: 'c-1' };
    const texts = ['{"channel":', 'null', '{"channel":"project:1"}', JSON.stringify(message)];
    const outboxStorage = new Map(texts.map((text, place) => [`${place}`, text]));
    const ada = open('ada', { outboxStorage });
    const told = failuresOf(ada);
    expect(pendingBodies(ada, channel)).toEqual(['whole']);
    await ada.send({ channel, body: 'next' });
    expect(told).toHaveLength(3);
  });

  it('is one that the browser blocks, too', async () => {
    const channel = newChannel();
    const outboxStorage = createWebOutboxStorage('ada', () => fail());
    const ada = open('ada', { outboxStorage });
    const told = failuresOf(ada);
    await ada.send({ channel, body: 'one' });
    expect(told).toEqual(Array(2).fill(failure));
  });
});

it('Web Storage keeps apart what different users wrote, and what others keep there', () => {
  const texts = new Map([['theme', 'dark']]);
  const storage: ReturnType<NonNullable<Parameters<typeof createWebOutboxStorage>[1]>> = {
    get length() {
      return texts.size;
    },
    key: (index) => [...texts.keys()][index] ?? null,
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, text) => void texts.set(key, text),
    removeItem: (key) => void texts.delete(key),
  };
  const [ada, other] = ['ada', 'ada:2'].map((name) => createWebOutboxStorage(name, () => storage));
  ada?.set('1', 'hers');
  other?.set('2', 'theirs');
  expect([...(ada?.entries() ?? [])]).toEqual([['1', 'hers']]);
  expect([...(other?.entries() ?? [])]).toEqual([['2', 'theirs']]);
  for (const key of ['1', '2']) ada?.delete(key);
  expect([...texts.values()]).toEqual(['dark', 'theirs']);
});
