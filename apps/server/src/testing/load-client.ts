import type { Role } from '@infratraq/kernel';
import { io, type Socket } from 'socket.io-client';
import { setTimeout as delay } from 'node:timers/promises';
import { signToken } from './sign-token.js';

const longestAnswerMilliseconds = 30_000;

export interface LoadClientOptions {
  /** Servers that may be asked; others are tried when one does not answer. */
  readonly urls: () => readonly string[];
  readonly user: string;
  readonly role: Role;
  /** Whether the load goes on; a client gives up what it is trying then. */
  readonly isLoading: () => boolean;
}

interface Answer {
  readonly ok: boolean;
  readonly error?: { readonly code: string; readonly retry_after_ms?: number };
}

/** A client that tries again what may pass, and takes down every answer that no client should get. */
export class LoadClient {
  readonly faults: string[] = [];
  /** Requests that had reached a server and got no answer. */
  readonly interrupted: string[] = [];
  /** How often an answer was 503, or there was none. */
  retries = 0;
  readonly #options: LoadClientOptions;
  #turn = 0;
  #token: Promise<string> | undefined;
  #socket: Socket | undefined;

  constructor(options: LoadClientOptions) {
    this.#options = options;
  }

  /** Asks until there is an answer that is final; undefined when the load ends before. */
  async ask(method: string, path: string, body?: object): Promise<unknown> {
    while (this.#options.isLoading()) {
      const answer = await this.#askOnce(method, path, body);
      if (answer === undefined) {
        this.retries += 1;
        await delay(100);
        continue;
      }
      const text = await answer.text().catch(() => '');
      if (answer.status !== 503) {
        if (answer.status >= 400) this.#note(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
        return text === '' ? undefined : JSON.parse(text);
      }
      this.retries += 1;
      const seconds = Number(answer.headers.get('retry-after'));
      if (!(seconds > 0)) this.#note(`${method} ${path}: 503 without Retry-After ${text.slice(0, 300)}`);
      await delay(Math.min(seconds, 1) * 1_000);
    }
    return undefined;
  }

  /** Emits until it is acknowledged with `ok`; undefined when the load ends before. */
  async emit(event: string, payload: object): Promise<object | undefined> {
    while (this.#options.isLoading()) {
      const socket = await this.#connect();
      if (!socket) return undefined;
      const answer = await socket
        .timeout(longestAnswerMilliseconds)
        .emitWithAck(event, payload)
        .then(
          (given) => given as Answer,
          () => undefined,
        );
      if (answer?.ok) return answer;
      this.retries += 1;
      if (answer?.error && answer.error.retry_after_ms === undefined)
        this.#note(`${event}: ${JSON.stringify(answer.error)}`);
      await delay(answer?.error?.retry_after_ms ?? 100);
    }
    return undefined;
  }

  close(): void {
    this.#socket?.disconnect();
  }

  async #askOnce(method: string, path: string, body?: object): Promise<Response | undefined> {
    const begun = performance.now();
    const url = this.#nextUrl();
    if (url === undefined) return undefined;
    try {
      const headers = {
        authorization: `Bearer ${await this.#sign()}`,
        ...(body && { 'content-type': 'application/json' }),
      };
      return await fetch(new URL(`/api/v1${path}`, url), {
        method,
        headers,
        signal: AbortSignal.timeout(longestAnswerMilliseconds),
        ...(body && { body: JSON.stringify(body) }),
      });
    } catch (error) {
      const { code } = ((error as Error).cause ?? {}) as { code?: string };
      if (code !== 'ECONNREFUSED') this.interrupted.push(`${method} ${path}: ${code}`);
      if (performance.now() - begun >= longestAnswerMilliseconds) this.#note(`${method} ${path}: no answer`);
      return undefined;
    }
  }

  /** A socket that is connected: to the server of before, or to another one when that has gone. */
  async #connect(): Promise<Socket | undefined> {
    while (!this.#socket?.connected && this.#options.isLoading()) {
      const url = this.#nextUrl();
      if (url === undefined) {
        await delay(100);
        continue;
      }
      this.#socket?.disconnect();
      const options = { auth: { token: await this.#sign() }, transports: ['websocket'], reconnection: false };
      const socket = io(`${url}/chat`, { ...options, forceNew: true, timeout: 2_000 });
      this.#socket = socket;
      const refusal = await new Promise<(Error & { data?: { code: string } }) | undefined>((resolve) => {
        socket.once('connect', () => resolve(undefined));
        socket.once('connect_error', resolve);
      });
      if (refusal?.data?.code === 'internal') this.#note('connecting a socket: internal');
      if (refusal) await delay(100);
    }
    return this.#socket;
  }

  #nextUrl(): string | undefined {
    const urls = this.#options.urls();
    return urls[(this.#turn += 1) % urls.length];
  }

  #sign(): Promise<string> {
    this.#token ??= signToken(this.#options.user, [this.#options.role]);
    return this.#token;
  }

  #note(fault: string): void {
    if (this.faults.length < 20) this.faults.push(fault);
  }
}
