import { hours, repeat, type ReportError } from '@infratraq/kernel';
import { isDuplicateKey, type Models } from '@infratraq/mongo';
import { createHash, randomUUID } from 'node:crypto';
import { ReportCache } from '../collections/report-cache.js';
import { findCachedReport } from '../collections/report-cache.queries.js';

/** The `report_type` of leases, which no report has. */
const leaseType = '(lease)';
/** A lease that a killed process has left is deleted after this time, if nobody takes it over before. */
const forgottenSeconds = hours(1);
const beatMilliseconds = 2_000;

/** The sole right to compute one output. */
export interface ComputationLease {
  release(): Promise<void>;
}

/** Who computes an output, as the last look at the lease found it. */
export interface LeaseState {
  readonly holder: string;
  /** Rises while the holder lives. */
  readonly beat: number;
}

/**
 * Leases the computation of outputs to one process at a time. A lease is a document of `report_cache` under a key that
 * derives from the output's; its holder counts up in it. Nobody's clock is compared with another's.
 */
export class ComputationLeases {
  readonly #models: Models;
  readonly #onError: ReportError;

  constructor(models: Models, onError: ReportError) {
    this.#models = models;
    this.#onError = onError;
  }

  /** Takes the lease where nobody has it. */
  async tryTake(cacheKey: string): Promise<ComputationLease | undefined> {
    const holder = randomUUID();
    try {
      await this.#models.of(ReportCache).create(describeLease(cacheKey, holder));
    } catch (error) {
      if (isDuplicateKey(error)) return undefined;
      throw error;
    }
    return this.#hold(cacheKey, holder);
  }

  /** Takes the lease of a holder that no longer counts up; undefined when it does, or another was faster. */
  async tryTakeOver(cacheKey: string, { holder, beat }: LeaseState): Promise<ComputationLease | undefined> {
    const heir = randomUUID();
    const { matchedCount } = await this.#models
      .of(ReportCache)
      .updateOne(
        { cache_key: leaseKeyOf(cacheKey), 'params.holder': holder, 'params.beat': beat },
        { $set: describeLease(cacheKey, heir) },
      );
    return matchedCount === 1 ? this.#hold(cacheKey, heir) : undefined;
  }

  /** Undefined while nobody has the lease. */
  async look(cacheKey: string): Promise<LeaseState | undefined> {
    const lease = await this.#models.findOne(findCachedReport, { cache_key: leaseKeyOf(cacheKey) });
    return (lease?.params as LeaseState | undefined) ?? undefined;
  }

  #hold(cacheKey: string, holder: string): ComputationLease {
    const reports = this.#models.of(ReportCache);
    const mine = { cache_key: leaseKeyOf(cacheKey), 'params.holder': holder };
    const beating = repeat(() => reports.updateOne(mine, { $inc: { 'params.beat': 1 } }), {
      everyMilliseconds: beatMilliseconds,
      onError: (error) => this.#onError(error, 'holding the lease of a report'),
    });
    return {
      release: async () => {
        await beating.stop();
        // Left behind, it is taken over.
        await reports
          .deleteOne(mine)
          .catch((error: unknown) => this.#onError(error, 'releasing the lease of a report'));
      },
    };
  }
}

function describeLease(cacheKey: string, holder: string): ReportCache {
  const now = new Date();
  return {
    cache_key: leaseKeyOf(cacheKey),
    report_type: leaseType,
    params: { holder, beat: 0 },
    generation_ms: 0,
    created_at: now,
    expires_at: new Date(now.getTime() + forgottenSeconds * 1_000),
  };
}

function leaseKeyOf(cacheKey: string): string {
  return createHash('sha256').update(`${leaseType}:${cacheKey}`).digest('hex');
}
