import type { Channel, NewChannel } from '@infratraq/chat-wire';
import type { ChatClientOptions } from './chat-client-options.js';
import { ChatError } from './chat-error.js';
import { userOfToken } from './user-of-token.js';

type ApiOptions = Pick<Required<ChatClientOptions>, 'apiUrl' | 'token' | 'answerMilliseconds'> &
  Pick<ChatClientOptions, 'userId'>;

/** A page of a user's channels. */
interface ChannelPage {
  readonly items: readonly Channel[];
  readonly next_cursor: string | null;
}

interface Problem {
  readonly code?: string;
  readonly detail?: string;
}

const channelsPerPage = 100;

/** Calls the server's routes of channels. */
export class ChannelApi {
  readonly #options: ApiOptions;
  #userId: string | undefined;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  create(draft: NewChannel): Promise<Channel> {
    return this.#call('POST', '', draft);
  }

  read(channel: string): Promise<Channel> {
    return this.#call('GET', pathOf(channel));
  }

  async list({ archived = false } = {}): Promise<Channel[]> {
    const channels: Channel[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = new URLSearchParams({ archived: String(archived), limit: String(channelsPerPage) });
      if (cursor !== '') query.set('cursor', cursor);
      const page: ChannelPage = await this.#call('GET', `?${query.toString()}`);
      channels.push(...page.items);
      cursor = page.next_cursor;
    }
    return channels;
  }

  change(channel: string, change: { readonly title?: string; readonly archived?: boolean }) {
    return this.#call<Channel>('PATCH', pathOf(channel), change);
  }

  async putMember(channel: string, userId: string, role: string | undefined): Promise<void> {
    await this.#call(
      'PUT',
      `${pathOf(channel)}/members${pathOf(userId)}`,
      role === undefined ? {} : { role },
    );
  }

  removeMember(channel: string, userId: string, successor?: string) {
    const query = successor === undefined ? '' : `?successor=${encodeURIComponent(successor)}`;
    const path = `${pathOf(channel)}/members${pathOf(userId)}${query}`;
    return this.#call<{ readonly archived: boolean }>('DELETE', path);
  }

  async mute(channel: string, on: boolean): Promise<void> {
    await this.#call(on ? 'PUT' : 'DELETE', `${pathOf(channel)}/mute`);
  }

  /** Whom the last token was of; undefined before the first call, and where a token does not tell. */
  get knownUserId(): string | undefined {
    return this.#userId;
  }

  /** @throws ChatError `client.user-unknown` */
  async userId(): Promise<string> {
    await this.#token();
    if (this.#userId !== undefined) return this.#userId;
    throw new ChatError({
      code: 'client.user-unknown',
      message: 'The token does not tell whose it is; give the client a userId',
    });
  }

  async #token(): Promise<string> {
    const { token } = this.#options;
    const present = typeof token === 'string' ? token : await token();
    this.#userId = this.#options.userId ?? userOfToken(present);
    return present;
  }

  /** @throws ChatError with the server's reason, or `client.unanswered` when no answer comes in time */
  async #call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const { apiUrl, answerMilliseconds } = this.#options;
    const bearer = await this.#token();
    let response: Response;
    let answer: unknown;
    try {
      response = await fetch(`${apiUrl}/channels${path}`, {
        method,
        headers: {
          authorization: `Bearer ${bearer}`,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(answerMilliseconds),
      });
      const text = await response.text();
      answer = (response.headers.get('content-type') ?? '').includes('json') ? JSON.parse(text) : undefined;
    } catch (cause) {
      const message = 'No answer came in time; the server may or may not have handled the request';
      throw new ChatError({ code: 'client.unanswered', message }, { cause });
    }
    if (response.ok && answer !== undefined) return answer as Answer;
    throw refusalOf(response, answer as Problem | undefined);
  }
}

function refusalOf(response: Response, problem: Problem = {}): ChatError {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ChatError({
    code: problem.code ?? 'client.refused',
    message: problem.detail ?? `The server answered ${response.status}`,
    ...(Number.isFinite(seconds) && { retry_after_ms: seconds * 1_000 }),
  });
}

function pathOf(part: string): string {
  return `/${encodeURIComponent(part)}`;
}
