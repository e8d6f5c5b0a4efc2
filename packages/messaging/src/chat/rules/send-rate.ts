import { InfratraqError } from '@infratraq/kernel';

/** Rate at which one user may send and change messages: a burst, then a number per second. */
export interface SendRateOptions {
  readonly burst: number;
  readonly perSecond: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

const keptBuckets = 10_000;

/** Limits the rate at which each user sends and changes messages through this process (token bucket). */
export class SendRate {
  readonly #options: SendRateOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: SendRateOptions) {
    this.#options = options;
  }

  /** @throws InfratraqError `message.too-fast` (429), with the time to wait */
  take(userId: string, now = performance.now()): void {
    const { burst, perSecond } = this.#options;
    const bucket = this.#buckets.get(userId) ?? { tokens: burst, filledAt: now };
    const tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) / 1_000) * perSecond);
    this.#buckets.set(userId, { tokens: tokens < 1 ? tokens : tokens - 1, filledAt: now });
    if (this.#buckets.size > keptBuckets) this.#forgetFullBuckets(now);
    if (tokens < 1) throw tooFast(Math.ceil(((1 - tokens) / perSecond) * 1_000));
  }

  #forgetFullBuckets(now: number): void {
    const { burst, perSecond } = this.#options;
    const secondsToFull = burst / perSecond;
    for (const [userId, { filledAt }] of this.#buckets)
      if ((now - filledAt) / 1_000 >= secondsToFull) this.#buckets.delete(userId);
  }
}

/** Refuses a message that was sent too soon. */
export function tooFast(retryAfterMilliseconds: number, code = 'message.too-fast'): InfratraqError {
  const seconds = Math.ceil(retryAfterMilliseconds / 1_000);
  return new InfratraqError(code, `You are sending messages too fast; wait ${seconds} s`, {
    status: 429,
    retryAfterMilliseconds,
  });
}
