import { InfratraqError } from '@infratraq/kernel';
import type { Postgres } from '@infratraq/postgres';
import { randomUUID } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import { ApiClient } from '../connections/api-client.js';
import { changeSomething } from './change-something.js';
import { workAtRate } from './work-at-rate.js';

const chatters = ['u-manager-1', 'u-engineer-1', 'u-inspector-1'] as const;
const sentences = [
  'The pour on the north pier is done.',
  'Inspection moved to the afternoon.',
  'The drainage drawings are in revision C.',
  'Two crews on site today.',
  'The crane is back at half past ten.',
];

type Action = 'row changes' | 'chat messages' | 'page views' | 'reports' | 'requests';

/** Makes the traffic of a working day: row changes, chat, clicks, reports and plain requests. */
export class DemonstrationTraffic {
  readonly #url: string;
  readonly #postgres: Postgres;
  readonly #counts: Record<Action, number> = {
    'row changes': 0,
    'chat messages': 0,
    'page views': 0,
    reports: 0,
    requests: 0,
  };
  readonly #stopping = new AbortController();
  readonly #sockets: { socket: Socket; channel: string }[] = [];

  constructor(url: string, postgres: Postgres) {
    this.#url = url;
    this.#postgres = postgres;
  }

  /** Runs until the time is over or `stop` is called, and answers what was done. */
  async run({ seconds, rate }: { seconds: number; rate: number }): Promise<Readonly<Record<Action, number>>> {
    const clients = await this.#connect();
    const actions = this.#plan(clients);
    const perform = async (place: number): Promise<void> => {
      const [name, act] = actions[place % actions.length]!;
      await act();
      this.#counts[name] += 1;
    };
    await workAtRate(perform, { seconds, rate, signal: this.#stopping.signal });
    return this.#counts;
  }

  stop(): void {
    this.#stopping.abort();
  }

  async close(): Promise<void> {
    for (const { socket } of this.#sockets) socket.disconnect();
  }

  #plan(clients: readonly ApiClient[]): [Action, () => Promise<unknown>][] {
    const client = (): ApiClient => pick(clients);
    return [
      ['row changes', () => changeSomething(this.#postgres)],
      ['page views', () => client().send('POST', '/api/v1/events', { events: [pageView()] })],
      ['chat messages', () => this.#say(pick(sentences))],
      ['row changes', () => changeSomething(this.#postgres)],
      ['requests', () => client().send('GET', '/api/v1/preferences')],
      ['reports', () => client().send('POST', '/api/v1/reports/project_costs', { params: {} })],
      ['row changes', () => changeSomething(this.#postgres)],
      ['requests', () => client().send('GET', '/api/v1/collections/entity_changelog')],
    ];
  }

  async #connect(): Promise<ApiClient[]> {
    const { rows: channels } = await this.#postgres.pool.query<{ channel_id: string; user_id: string }>(
      `select channel_id, user_id from infratraq.channel_members where user_id = any($1) and role <> 'reader'`,
      [chatters],
    );
    const anonymous = new ApiClient(this.#url);
    return Promise.all(
      chatters.map(async (user) => {
        const token = await anonymous.requestToken(user, ['member']);
        const channel = channels.find(({ user_id }) => user_id === user)?.channel_id;
        if (channel) await this.#join(token, channel);
        return new ApiClient(this.#url, token);
      }),
    );
  }

  async #join(token: string, channel: string): Promise<void> {
    const socket = io(`${this.#url}/chat`, { auth: { token }, transports: ['websocket'] });
    this.#sockets.push({ socket, channel });
    await emit(socket, 'channel:join', { channel });
  }

  async #say(body: string): Promise<void> {
    if (this.#sockets.length === 0) return;
    const { socket, channel } = pick(this.#sockets);
    await emit(socket, 'message:send', { channel, client_message_id: randomUUID(), body });
  }
}

async function emit(socket: Socket, event: string, payload: object): Promise<void> {
  const answer = (await socket.timeout(10_000).emitWithAck(event, payload)) as
    { ok: true } | { ok: false; error: { code: string; message: string } };
  if (!answer.ok) throw new InfratraqError(answer.error.code, answer.error.message);
}

function pageView(): object {
  return {
    event_type: 'page:viewed',
    page: { path: pick(['/projects', '/work-orders', '/assets', '/inspections']) },
    occurred_at: new Date().toISOString(),
    duration_ms: Math.round(Math.random() * 60_000),
  };
}

function pick<Item>(items: readonly Item[]): Item {
  return items[Math.floor(Math.random() * items.length)]!;
}
