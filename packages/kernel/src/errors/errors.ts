/** HTTP statuses that an error of ours can stand for. */
export type ErrorStatus = 400 | 401 | 403 | 404 | 409 | 412 | 413 | 415 | 422 | 429 | 500 | 503;

// A symbol of the process, so that errors of another copy of this package are recognised too.
const marker = Symbol.for('infratraq.error');

/**
 * Base of every error that this product throws on purpose.
 *
 * `code` is stable and machine-readable (`collection.in-maintenance`), `message` says what to do,
 * `status` is what an HTTP surface answers with, `cause` is what led here. `instanceof InfratraqError` also holds for
 * errors of another installed copy of this package.
 */
export class InfratraqError extends Error {
  readonly code: string;
  readonly status: ErrorStatus;
  /** How long to wait before the same request may succeed; absent where waiting doesn't help. */
  readonly retryAfterMilliseconds?: number;

  constructor(
    code: string,
    message: string,
    options: { status?: ErrorStatus; cause?: unknown; retryAfterMilliseconds?: number } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = new.target.name;
    this.code = code;
    this.status = options.status ?? 500;
    if (options.retryAfterMilliseconds !== undefined)
      this.retryAfterMilliseconds = options.retryAfterMilliseconds;
  }

  /** The status under the name that Fastify, Express and NestJS read. */
  get statusCode(): ErrorStatus {
    return this.status;
  }

  /** What Fastify and Express add to their answer. */
  get headers(): Record<string, string> {
    const { retryAfterMilliseconds } = this;
    return retryAfterMilliseconds === undefined
      ? {}
      : { 'retry-after': String(Math.ceil(retryAfterMilliseconds / 1_000)) };
  }

  get [marker](): true {
    return true;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // A class that extends this one recognises its own instances, as usual.
    if (this !== InfratraqError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && (value as { [marker]?: true })[marker] === true;
  }
}

/** A declaration (policy, category, store) breaks a rule; thrown while the store is being defined. */
export class DefinitionError extends InfratraqError {
  constructor(
    /** The class or category that breaks the rule. */
    readonly subject: string,
    /** The rule, as a stable name (`retention.bounds`). */
    readonly rule: string,
    message: string,
  ) {
    super(`definition.${rule}`, `${subject}: ${message}`, { status: 500 });
  }
}

/** One thing that is wrong with input: where, as `/settings/time_zone`, and what. */
export interface InputFault {
  readonly path: string;
  readonly message: string;
}

/** The caller's input is wrong in a way that the message explains. */
export class InvalidInputError extends InfratraqError {
  /** Where the input is wrong, one entry per field; absent where it is wrong as a whole. */
  readonly errors?: readonly InputFault[];

  constructor(
    message: string,
    options: { code?: string; cause?: unknown; errors?: readonly InputFault[] } = {},
  ) {
    super(options.code ?? 'input.invalid', message, { status: 400, cause: options.cause });
    if (options.errors) this.errors = options.errors;
  }
}

/** What was asked for does not exist, or the caller may not know that it does. */
export class NotFoundError extends InfratraqError {
  constructor(message: string, code = 'not-found') {
    super(code, message, { status: 404 });
  }
}

/** The caller is known and may not do this. */
export class ForbiddenError extends InfratraqError {
  constructor(message: string, code = 'forbidden') {
    super(code, message, { status: 403 });
  }
}

/** The request contradicts the present state (a stale version, a transition that is not allowed). */
export class ConflictError extends InfratraqError {
  constructor(message: string, code = 'conflict') {
    super(code, message, { status: 409 });
  }
}
