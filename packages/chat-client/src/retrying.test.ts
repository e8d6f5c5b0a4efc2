import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import { ChatClient, type ChatClientOptions } from './index.js';

type Answer = (answer: object) => void;

interface Payload {
  readonly channel: string;
  readonly body: string;
  readonly client_message_id: string;
}

// A server that does what a busy or broken one does, as each test says.
let sockets: Server;
let url: string;
let client: ChatClient;
let admit: () => Error | undefined;
let asked: { event: string; at: number }[];
let answerTo: (event: string, payload: Payload) => object | undefined;

const channel = 'project:42';
const bounds = { first_seq: 1, latest_seq: 0, epoch: 'empty', has_more: false, reset: false };
const joined = { ok: true, ...bounds, messages: [], changed: [], synced_at: new Date().toISOString() };
const internal = { ok: false, error: { code: 'internal', message: 'Something failed on our side' } };
const stored = ({ body, client_message_id }: Payload) => {
  const ids = { message_id: client_message_id, client_message_id, channel, seq: 1, sender_id: 'ada' };
  return { ok: true, message: { ...ids, body, revision: 0 } };
};
const refusal = (code: string) => Object.assign(new Error(code), { data: { code, message: code } });

beforeEach(async () => {
  asked = [];
  admit = () => undefined;
  answerTo = () => joined;
  const http = createServer();
  sockets = new Server(http);
  sockets.of('/chat').use((_socket, next) => next(admit()));
  sockets.of('/chat').on('connection', (socket: Socket) =>
    socket.onAny((event: string, payload: Payload, answer: Answer) => {
      asked.push({ event, at: performance.now() });
      const given = answerTo(event, payload);
      if (given) answer(given);
    }),
  );
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterEach(async () => {
  client.close();
  await sockets.close();
});

const open = (options: Partial<ChatClientOptions> = {}) => {
  client = new ChatClient(url, { token: 'ada', ...options });
  return client;
};
const isConnected = () =>
  new Promise<void>((resolve) => {
    client.on('connection:changed', ({ connected }) => connected && resolve());
  });
/** Answers so many times otherwise before it answers well. */
const first = (vain: number, otherwise: object | undefined, well: typeof answerTo): typeof answerTo => {
  let left = vain;
  return (event, payload) => ((left -= 1) >= 0 ? otherwise : well(event, payload));
};
const waits = () => asked.slice(1).map(({ at }, place) => at - (asked[place]?.at ?? 0));
// A timer may be a millisecond early.
const leastWaits = [100, 200, 400].map((milliseconds) => milliseconds - 5);

describe('waits between tries', () => {
  it('grow while a message is refused for the time being, whatever else is written meanwhile', async () => {
    open();
    await isConnected();
    answerTo = first(3, internal, (_event, payload) => stored(payload));
    const sent = client.send({ channel, body: 'one' });
    const later = new Promise((resolve) => {
      const wellThen = answerTo;
      client.on('typing', () => resolve(client.send({ channel, body: 'two' })));
      answerTo = () => {
        answerTo = wellThen;
        // Behind the refusal: a message that is written then has to wait, too.
        queueMicrotask(() => sockets.of('/chat').emit('typing', { channel, user_id: 'ben', on: true }));
        return internal;
      };
    });
    expect(await sent).toMatchObject({ body: 'one' });
    await later;
    expect(asked.map(({ event }) => event)).toEqual(Array(6).fill('message:send'));
    for (const [place, least] of leastWaits.entries()) expect(waits()[place]).toBeGreaterThan(least);
  });

  it('are at least as long as the server asks', async () => {
    open();
    await isConnected();
    const busy = { ok: false, error: { code: 'channel.busy', message: 'later', retry_after_ms: 300 } };
    answerTo = first(1, busy, (_event, payload) => stored(payload));
    await client.send({ channel, body: 'one' });
    expect(waits()[0]).toBeGreaterThan(370);
  });

  it('grow while a channel cannot be joined, and each try is more patient than the one before', async () => {
    open({ answerMilliseconds: 50 });
    await isConnected();
    const failures: { code: string; at: number }[] = [];
    client.on('sync:failed', ({ error }) =>
      failures.push({ code: (error as { code: string }).code, at: performance.now() }),
    );
    let answers = 0;
    const hasJoined = new Promise<void>((resolve) => {
      answerTo = first(3, undefined, () => {
        // The first answer says where the channel begins, the second brings its messages.
        if ((answers += 1) === 2) resolve();
        return joined;
      });
    });
    await client.join(channel);
    await hasJoined;
    expect(failures.map(({ code }) => code)).toEqual(Array(3).fill('client.unanswered'));
    // By the client's own clock: a question that was slow on its way would shorten the time between two.
    const times = [...failures.map(({ at }) => at), asked[3]!.at];
    const waited = times.slice(1).map((at, place) => at - times[place]!);
    const patience = [100, 200, 0];
    for (const [place, least] of leastWaits.entries())
      expect(waited[place]).toBeGreaterThan(least + patience[place]!);
  });
});

describe('a channel that one may not be in', () => {
  it('is given up when it is refused for good, and not asked for again', async () => {
    open({ syncMilliseconds: 20 });
    await isConnected();
    const error = { code: 'channel.forbidden', message: 'You are no member' };
    const admitted = new Set([channel, 'project:43']);
    answerTo = (_event, payload) => (admitted.has(payload.channel) ? joined : { ok: false, error });
    await expect(client.join('closed:1')).rejects.toMatchObject(error);
    for (const name of admitted) await client.join(name);
    const removed = new Promise((resolve) => client.on('channel:removed', resolve));
    admitted.delete(channel);
    expect(await removed).toEqual({ channel });
    const askedFor: string[] = [];
    await new Promise<void>((resolve) => {
      answerTo = (_event, payload) => {
        if (askedFor.push(payload.channel) === 3) resolve();
        return joined;
      };
    });
    expect(askedFor).toEqual(Array(3).fill('project:43'));
  });
});

describe('a connection that the server refuses', () => {
  const refusals = () => {
    const codes: string[] = [];
    client.on('connection:refused', ({ error }) => codes.push(error.code));
    return codes;
  };

  it('is tried again until it is admitted', async () => {
    let vain = 2;
    admit = () => ((vain -= 1) >= 0 ? refusal('internal') : undefined);
    open();
    const codes = refusals();
    await isConnected();
    expect(codes).toEqual(['internal', 'internal']);
  });

  it('is tried with fresh tokens, also after one could not be made', async () => {
    const tokens = [undefined, 'old', 'fresh'];
    sockets.of('/chat').use((socket, next) => {
      const { token } = socket.handshake.auth as { token?: string };
      next(token === 'fresh' ? undefined : refusal('unauthenticated'));
    });
    open({
      token: async () => {
        const token = tokens.shift();
        if (token === undefined) throw new Error('the login page is away');
        return token;
      },
    });
    const codes = refusals();
    await isConnected();
    expect(codes).toEqual(['unauthenticated', 'unauthenticated']);
  });

  it('comes back when the server ended it', async () => {
    open();
    await isConnected();
    const again = isConnected();
    sockets.of('/chat').disconnectSockets();
    await again;
  });
});
