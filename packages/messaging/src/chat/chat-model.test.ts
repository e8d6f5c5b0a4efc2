import { beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { useModels } from '@infratraq/testing';
import fc from 'fast-check';
import { ChatMessage, ChatReadState, ChatService, presentMessage } from '../index.js';

const database = useModels(ChatMessage, ChatReadState);
const users = ['ada', 'ben', 'cyd'] as const;
type User = (typeof users)[number];
const membership = { roleOf: async () => 'member' as const };

/** What a channel ought to be, kept the simplest way there is. */
interface ModelMessage {
  readonly sender: User;
  readonly clientId: string;
  body: string;
  readonly sentBody: string;
  edits: number;
  deleted: boolean;
  pinned: boolean;
  reactions: Set<string>;
  revision: number;
}
interface Model {
  readonly messages: ModelMessage[];
  readonly read: Map<User, number>;
  readonly delivered: Map<User, number>;
}

/** The channel as it is, through either of two server processes, and what each client has received of it. */
interface Real {
  readonly channel: string;
  readonly services: readonly [ChatService, ChatService];
  readonly ids: string[];
  readonly clients: Map<User, Client>;
}
interface Client {
  copies: Map<number, unknown>;
  lastSeq: number;
  epoch?: string;
  changedSince?: Date;
}

type Command = fc.AsyncCommand<Model, Real>;
const command = (
  name: string,
  run: (model: Model, real: Real) => Promise<void>,
  check: (model: Readonly<Model>) => boolean = () => true,
): Command => ({ check, run, toString: () => name });

/** The error's code, or that there was none. */
const outcomeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { code?: string }) => String(error.code ?? error),
  );

const user = fc.constantFrom(...users);
const process = fc.constantFrom(0 as const, 1 as const);
const body = fc.constantFrom('hello', 'see @ben', 'ask @ada and @cyd', '€ and 😀');
const place = fc.nat({ max: 11 });
const emoji = fc.constantFrom('👍', '🎉');

function pick(model: Model, real: Real, seed: number) {
  const position = seed % model.messages.length;
  return { message: model.messages[position] as ModelMessage, message_id: real.ids[position] as string };
}
const hasMessages = (model: Readonly<Model>) => model.messages.length > 0;

const commands = [
  fc.tuple(user, process, body, fc.integer({ min: 1, max: 8 })).map(([sender, which, text, id]) =>
    command(`send ${sender} c-${id} ${text}`, async (model, { channel, services, ids }) => {
      const clientId = `c-${id}`;
      const known = model.messages.findIndex((one) => one.sender === sender && one.clientId === clientId);
      const message = { channel, sender_id: sender, client_message_id: clientId, body: text };
      if (known >= 0 && model.messages[known]?.sentBody !== text)
        return expect(await outcomeOf(services[which].send(message))).toBe('message.key-reused');
      const sent = await services[which].send(message);
      expect([sent.created, sent.message.seq]).toEqual(
        known < 0 ? [true, model.messages.length + 1] : [false, known + 1],
      );
      if (known >= 0) return;
      ids.push(sent.message._id.toHexString());
      const fresh = { edits: 0, deleted: false, pinned: false, reactions: new Set<string>(), revision: 0 };
      model.messages.push({ sender, clientId, body: text, sentBody: text, ...fresh });
    }),
  ),
  fc.tuple(user, process, place, body).map(([by, which, seed, text]) =>
    command(
      `edit ${by} #${seed} ${text}`,
      async (model, real) => {
        const { message, message_id } = pick(model, real, seed);
        const outcome = await outcomeOf(real.services[which].edit({ message_id, user_id: by, body: text }));
        if (message.sender !== by) return expect(outcome).toBe('message.forbidden');
        if (message.deleted) return expect(outcome).toBe('message.deleted');
        expect(outcome).toBe('done');
        if (message.body === text) return;
        message.body = text;
        message.edits += 1;
        message.revision += 1;
      },
      hasMessages,
    ),
  ),
  fc.tuple(user, process, place).map(([by, which, seed]) =>
    command(
      `delete ${by} #${seed}`,
      async (model, real) => {
        const { message, message_id } = pick(model, real, seed);
        const outcome = await outcomeOf(real.services[which].delete({ message_id, user_id: by }));
        expect(outcome).toBe(message.sender === by ? 'done' : 'message.forbidden');
        if (message.sender !== by || message.deleted) return;
        Object.assign(message, { body: '', edits: 0, deleted: true, pinned: false, reactions: new Set() });
        message.revision += 1;
      },
      hasMessages,
    ),
  ),
  fc.tuple(user, process, place, emoji, fc.boolean()).map(([by, which, seed, sign, on]) =>
    command(
      `react ${by} #${seed} ${sign} ${on}`,
      async (model, real) => {
        const { message, message_id } = pick(model, real, seed);
        const reaction = { message_id, user_id: by, emoji: sign, on };
        const outcome = await outcomeOf(real.services[which].react(reaction));
        expect(outcome).toBe(message.deleted ? 'message.deleted' : 'done');
        const key = `${sign} ${by}`;
        if (message.deleted || message.reactions.has(key) === on) return;
        if (on) message.reactions.add(key);
        else message.reactions.delete(key);
        message.revision += 1;
      },
      hasMessages,
    ),
  ),
  fc.tuple(user, process, place, fc.boolean()).map(([by, which, seed, on]) =>
    command(
      `pin ${by} #${seed} ${on}`,
      async (model, real) => {
        const { message, message_id } = pick(model, real, seed);
        const outcome = await outcomeOf(real.services[which].pin({ message_id, user_id: by, on }));
        expect(outcome).toBe(message.deleted ? 'message.deleted' : 'done');
        if (message.deleted || message.pinned === on) return;
        message.pinned = on;
        message.revision += 1;
      },
      hasMessages,
    ),
  ),
  fc.tuple(user, process, place, fc.boolean()).map(([by, which, seq, isRead]) =>
    command(`${isRead ? 'read' : 'receive'} ${by} ${seq}`, async (model, { channel, services }) => {
      const move = { channel, user_id: by, seq };
      const service = services[which];
      const outcome = await outcomeOf(isRead ? service.markRead(move) : service.markDelivered(move));
      expect(outcome).toBe(seq > model.messages.length ? 'channel.seq' : 'done');
      if (seq > model.messages.length) return;
      for (const positions of isRead ? [model.read, model.delivered] : [model.delivered])
        positions.set(by, Math.max(positions.get(by) ?? 0, seq));
    }),
  ),
  fc.tuple(user, process).map(([by, which]) =>
    command(`come back ${by}`, async (model, real) => {
      await comeBack(by, real, which);
      expect([...(real.clients.get(by) as Client).copies.values()]).toEqual(presentAll(model, real));
    }),
  ),
];

/** Brings a client's copy of the channel up to date, as a client that was away does. */
async function comeBack(by: User, { channel, services, clients }: Real, which: 0 | 1): Promise<void> {
  const client = clients.get(by) as Client;
  const { lastSeq: after_seq, epoch, changedSince: changed_since } = client;
  const missed = await services[which].missed(channel, by, { after_seq, epoch, changed_since });
  expect(missed.reset).toBe(false);
  for (const message of [...missed.changed, ...missed.messages])
    client.copies.set(message.seq, simplify(presentMessage(message)));
  client.lastSeq = missed.latest_seq;
  client.epoch = missed.epoch;
  client.changedSince = missed.synced_at;
}

function simplify({
  message_id,
  seq,
  sender_id,
  body,
  mentions,
  revision,
  ...rest
}: ReturnType<typeof presentMessage>) {
  const reactions = rest.reactions.flatMap(({ emoji: sign, user_ids }) =>
    user_ids.map((by) => `${sign} ${by}`),
  );
  return {
    message_id,
    seq,
    sender_id,
    body,
    mentions,
    revision,
    reactions: reactions.sort(),
    deleted: rest.deleted_at !== undefined,
    pinned: rest.pinned_at !== undefined,
  };
}

function presentAll({ messages }: Model, { ids }: Real) {
  return messages.map(({ sender, body: text, revision, reactions, deleted, pinned }, position) => ({
    message_id: ids[position],
    seq: position + 1,
    sender_id: sender,
    body: text,
    revision,
    mentions: [...text.matchAll(/@(\w+)/g)].map(([, name]) => name),
    reactions: [...reactions].sort(),
    deleted,
    pinned,
  }));
}

/** Everything that can be asked agrees with the model. */
async function compare(model: Model, real: Real): Promise<void> {
  const [chat] = real.services;
  const all = presentAll(model, real);
  const { messages } = await chat.history(real.channel, 'ada', { limit: 200 });
  expect(messages.map((message) => simplify(presentMessage(message)))).toEqual(all);
  const { channel } = real;
  const stored = await database.models.of(ChatMessage).find({ channel }).sort({ seq: 1 }).lean();
  expect(stored.map(({ edits = [] }) => edits.length)).toEqual(model.messages.map(({ edits }) => edits));
  const pinned = (await chat.pinned(real.channel, 'ada')).map(({ seq }) => seq);
  expect(pinned.sort((left, right) => left - right)).toEqual(
    all.filter((message) => message.pinned).map(({ seq }) => seq),
  );
  for (const name of users) {
    const read_seq = model.read.get(name) ?? 0;
    expect(await chat.position(real.channel, name)).toEqual({
      read_seq,
      delivered_seq: model.delivered.get(name) ?? 0,
      unread_count: model.messages.slice(read_seq).filter(({ deleted }) => !deleted).length,
    });
    await comeBack(name, real, 1);
    expect([...(real.clients.get(name) as Client).copies.values()]).toEqual(all);
  }
}

let services: readonly [ChatService, ChatService];
beforeAll(() => {
  const open = () => new ChatService({ models: database.models, membership });
  services = [open(), open()];
});

it('whatever several clients do in whatever order, a channel is as the model says, for everybody', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 40, size: 'max' }), async (steps) => {
      const model: Model = { messages: [], read: new Map(), delivered: new Map() };
      const clients = new Map(users.map((name): [User, Client] => [name, { copies: new Map(), lastSeq: 0 }]));
      const real: Real = { channel: `model:${randomUUID()}`, services, ids: [], clients };
      await fc.asyncModelRun(() => ({ model, real }), steps);
      await compare(model, real);
    }),
    { numRuns: 25 },
  );
});
