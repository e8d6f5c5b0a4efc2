import { InfratraqError } from '@infratraq/kernel';

/** How fast one user may send and change messages: so many at once, and so many a second after that. */
export interface SendRateOptions {
  readonly burst: number;
  readonly perSecond: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

const keptBuckets = 10_000;

/** Limits how fast each user sends and changes messages through this process: a bucket of tokens that refills steadily. */
export class SendRate {
  readonly #options: SendRateOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: SendRateOptions) {
    this.#options = options;
  }

  /** @throws InfratraqError `message.too-fast` (429), which says when to try again */
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

/** The refusal of a message that comes too soon after others. */
export function tooFast(retryAfterMilliseconds: number, code = 'message.too-fast'): InfratraqError {
  const seconds = Math.ceil(retryAfterMilliseconds / 1_000);
  return new InfratraqError(code, `You send too fast; wait ${seconds} s and send it again`, {
    status: 429,
    retryAfterMilliseconds,
  });
}
