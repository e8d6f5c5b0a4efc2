import { findUnstorableText, InfratraqError, warnOfError, type ReportError } from '@infratraq/kernel';
import type { z } from 'zod';
import { recognizeFault } from './recognize-fault.js';

/** Why an event was refused. */
export interface AcknowledgedError {
  readonly code: string;
  readonly message: string;
  /** Milliseconds after which the same event may succeed; absent where waiting doesn't help. */
  readonly retry_after_ms?: number;
}

/** The answer to every Socket.IO event of a client. */
export type Acknowledgement<Result extends object = object> =
  ({ ok: true } & Result) | { ok: false; error: AcknowledgedError };

declare module 'zod' {
  interface GlobalMeta {
    /** What the sender of an event reaches by it, as `access` of a route says. */
    access?: 'own' | 'members' | undefined;
  }
}

type Callback = (answer: Acknowledgement) => void;

/**
 * Wraps the handler of a Socket.IO event: checks the payload, runs the handler, answers its acknowledgement.
 * The listener carries the schema, whose `meta` says what the sender reaches: `z.strictObject({ … }).meta({ access: 'own' })`.
 * An error of ours answers with its code, a database that is away with `database.unavailable` and the time after which
 * to try again; any other is reported to `onError` and answers `internal`.
 *
 * @example socket.on('typing', acknowledge(typingSchema, async ({ channel, on }) => { … }))
 */
export function acknowledge<Schema extends z.ZodType>(
  schema: Schema,
  handle: (payload: z.output<Schema>) => Promise<object | void>,
  onError: ReportError = warnOfError,
): ((...parameters: unknown[]) => void) & { readonly schema: Schema } {
  const listen = (...parameters: unknown[]): void => {
    const answer = parameters.at(-1);
    const isAsked = typeof answer === 'function';
    const reply: Callback = isAsked ? (answer as Callback) : () => undefined;
    const [payload, ...more] = isAsked ? parameters.slice(0, -1) : parameters;
    if (more.length > 0) {
      reply(refuse('input.invalid', 'Send one payload, and an acknowledgement after it'));
      return;
    }
    const unstorable = findUnstorableText(payload);
    if (unstorable) {
      reply(refuse('text.invalid', `${unstorable.path}: ${unstorable.message}`));
      return;
    }
    const parsed = schema.safeParse(payload);
    if (!parsed.success) {
      reply(refuse('input.invalid', describe(parsed.error, payload)));
      return;
    }
    handle(parsed.data).then(
      (result) => reply({ ok: true, ...result }),
      (given: unknown) => {
        const error = recognizeFault(given) ?? given;
        if (error !== given) onError(given, 'handling an event of a socket');
        if (error instanceof InfratraqError && error.status !== 500)
          return reply(refuse(error.code, error.message, error.retryAfterMilliseconds));
        onError(error, 'handling an event of a socket');
        reply(refuse('internal', 'Something failed on our side'));
      },
    );
  };
  return Object.assign(listen, { schema });
}

function refuse(code: string, message: string, retry_after_ms?: number): Acknowledgement {
  return { ok: false, error: { code, message, ...(retry_after_ms !== undefined && { retry_after_ms }) } };
}

function describe(error: z.ZodError, payload: unknown): string {
  return error.issues
    .map(
      ({ path, message }) => `/${path.map(String).join('/')}: ${isBinary(payload, path) ? binary : message}`,
    )
    .join('; ');
}

const binary = 'is binary; send JSON';

/** Whether bytes stand at a place, for which a schema would list the methods of their class as unknown fields. */
function isBinary(payload: unknown, path: readonly PropertyKey[]): boolean {
  let at: unknown = payload;
  for (const key of path) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return ArrayBuffer.isView(at);
}
