import {
  currentActor,
  DefinitionError,
  ForbiddenError,
  expiryWithin,
  InvalidInputError,
  NotFoundError,
  policyOf,
  warnOfError,
  type EntityReference,
  type ReportError,
} from '@infratraq/kernel';
import { isDuplicateKey, type Models, trusted } from '@infratraq/mongo';
import { z } from 'zod';
import { findCachedReport } from '../collections/report-cache.queries.js';
import { ComputationLeases, type ComputationLease } from './computation-lease.js';
import { LeaseWait } from './lease-wait.js';
import { reportCacheKey } from './report-cache-key.js';
import { ReportCache } from '../collections/report-cache.js';
import { toStorable } from './storable-output.js';
import type { ReportContext, ReportDefinition } from './report-definition.js';
import { claimSources, type SourceClaim } from '../invalidation/source-claim.js';

/** A report's output, and whether it had been computed before. */
export interface ReportResult {
  readonly cache: 'hit' | 'miss';
  readonly cache_key: string;
  readonly output: unknown;
  readonly expires_at: Date;
}

/** Which columns are sensitive at this moment. */
export type IsSensitive = (entityType: string, column: string) => boolean;

/** What cached reports work with. */
export interface CachedReportsOptions {
  readonly models: Models;
  readonly reports: readonly ReportDefinition[];
  /** Called for every report that declares `shownColumns`. Without it no column is sensitive. */
  readonly readSensitive?: () => Promise<IsSensitive>;
  /**
   * How long to wait for another process that computes the same output.
   * @default 300
   */
  readonly longestWaitSeconds?: number;
  /** Told of what fails in the background. @default warnings of the process */
  readonly onError?: ReportError;
  readonly now?: () => Date;
}

/** A report that somebody has asked for. */
interface Asked {
  readonly report: ReportDefinition;
  readonly cache_key: string;
  readonly parameters: Record<string, unknown>;
  readonly parsed: unknown;
  readonly scopes: ReportContext['scopes'];
}

type CachedOutput = Pick<ReportCache, 'output_data' | 'expires_at'>;

/**
 * Serves reports from `report_cache` and computes those that are missing or stale.
 *
 * Callers who miss the same output at the same time share one computation, whichever processes they ask: one holds the
 * output's lease, the others wait for it, and take over from a process that has died. Should two compute at once all the
 * same, the first to finish is stored, and the other returns that one, so that everybody sees the same output. An output is one document, so that none is seen in part, and a generator that fails leaves nothing
 * behind. An output whose sources changed while it was computed is returned but not stored.
 */
export class CachedReports {
  readonly #models: Models;
  readonly #now: () => Date;
  readonly #reports: ReadonlyMap<string, ReportDefinition>;
  readonly #readSensitive: (() => Promise<IsSensitive>) | undefined;
  readonly #leases: ComputationLeases;
  readonly #longestWaitMilliseconds: number;
  readonly #running = new Map<string, Promise<ReportResult>>();

  /** @throws DefinitionError `definition.report.unique` when two reports have the same type */
  constructor(options: CachedReportsOptions) {
    this.#readSensitive = options.readSensitive;
    this.#models = options.models;
    this.#leases = new ComputationLeases(options.models, options.onError ?? warnOfError);
    this.#longestWaitMilliseconds = (options.longestWaitSeconds ?? 300) * 1_000;
    this.#now = options.now ?? (() => new Date());
    this.#reports = new Map(options.reports.map((report) => [report.type, report]));
    if (this.#reports.size < options.reports.length)
      throw new DefinitionError('reports', 'report.unique', 'Two reports have the same type');
  }

  /** The declared reports. */
  list(): ReportDefinition[] {
    return [...this.#reports.values()];
  }

  /**
   * Gives a report's output for these parameters, computing it only where no fresh one is stored. A report that is
   * `scoped` shows what belongs to the given scopes, and is stored once for each set of them.
   *
   * @throws NotFoundError `report.unknown-type`
   * @throws InvalidInputError `report.invalid-parameters`
   * @throws ForbiddenError `report.sensitive` when it shows a column that is declared sensitive
   * @throws InfratraqError `report.too-large` when the output does not fit into a document, `report.computing` when another
   * process computes it for longer than one waits
   */
  async run(
    type: string,
    parameters: Record<string, unknown>,
    scopes: ReportContext['scopes'] = 'all',
  ): Promise<ReportResult> {
    const { report, parsed } = await this.#parse(type, parameters);
    await this.#requireOpen(report);
    // The parameters as they were given, before defaults: any other service must arrive at the same key.
    const cache_key =
      scopes === 'all'
        ? reportCacheKey(type, parameters)
        : reportCacheKey(`${type}@${JSON.stringify(scopes.toSorted())}`, parameters);
    const running = this.#running.get(cache_key);
    if (running) return running;
    const asked = { report, cache_key, parameters, parsed, scopes };
    const started = this.#findOrCompute(asked).finally(() => this.#running.delete(cache_key));
    this.#running.set(cache_key, started);
    return started;
  }

  /**
   * The entity that an output is about: whoever may see it may see the output. The entity `*` of type `*` stands for all;
   * where the output is `scoped`, others may run it for their scopes.
   *
   * @throws NotFoundError `report.unknown-type`; InvalidInputError `report.invalid-parameters`
   */
  async subjectOf(
    type: string,
    parameters: Record<string, unknown>,
  ): Promise<{ subject: EntityReference; scoped: boolean }> {
    const { report, parsed } = await this.#parse(type, parameters);
    const about = report.about?.(parsed);
    return {
      subject: about ?? { entity_type: '*', entity_id: '*' },
      scoped: about === undefined && report.scoped === true,
    };
  }

  async #parse(type: string, parameters: Record<string, unknown>) {
    const report = this.#reports.get(type);
    if (!report)
      throw new NotFoundError(
        `There is no report ${type}; list() names the declared ones`,
        'report.unknown-type',
      );
    const parsed = await report.parameters.safeParseAsync(parameters);
    if (!parsed.success)
      throw new InvalidInputError(`Parameters of ${type}: ${z.prettifyError(parsed.error)}`, {
        code: 'report.invalid-parameters',
        cause: parsed.error,
      });
    return { report, parsed: parsed.data };
  }

  async #requireOpen({ type, shownColumns }: ReportDefinition): Promise<void> {
    if (!shownColumns || !this.#readSensitive) return;
    const isSensitive = await this.#readSensitive();
    for (const [entityType, columns] of Object.entries(shownColumns)) {
      const sensitive = columns.find((column) => isSensitive(entityType, column));
      if (sensitive !== undefined)
        throw new ForbiddenError(
          `${type} shows ${sensitive} of ${entityType}, which is declared sensitive; the audit trail shows it to those who may see it`,
          'report.sensitive',
        );
    }
  }

  async #findOrCompute(asked: Asked): Promise<ReportResult> {
    const { cache_key } = asked;
    const awaited = await this.#findOrLease(cache_key);
    if (awaited && 'cached' in awaited) return toResult('hit', cache_key, awaited.cached);
    try {
      return await this.#computeAndStore(asked);
    } finally {
      await awaited?.lease.release();
    }
  }

  /** A fresh output, or else the lease to compute it; nothing when others computed in vain for long enough. */
  async #findOrLease(
    cache_key: string,
  ): Promise<{ cached: CachedOutput } | { lease: ComputationLease } | undefined> {
    const wait = new LeaseWait(this.#longestWaitMilliseconds);
    for (;;) {
      const cached = await this.#findFresh(cache_key);
      if (cached) return { cached };
      const state = await this.#leases.look(cache_key);
      if (wait.isInVain(state)) return undefined;
      const lease = await (state === undefined
        ? this.#leases.tryTake(cache_key)
        : wait.isAbandoned(state) && this.#leases.tryTakeOver(cache_key, state));
      if (!lease) {
        await wait.pause();
        continue;
      }
      // The process that had it may have finished since this one looked.
      const finished = await this.#findFresh(cache_key);
      if (!finished) return { lease };
      await lease.release();
      return { cached: finished };
    }
  }

  async #computeAndStore(asked: Asked): Promise<ReportResult> {
    const {
      cache_key,
      report: { sourceEntityTypes },
    } = asked;
    if (!sourceEntityTypes?.length) {
      const entry = await this.#compute(asked);
      return toResult('miss', cache_key, await this.#accept(entry));
    }
    // Before the generator reads anything.
    const claim = await claimSources(this.#models, sourceEntityTypes);
    try {
      const entry = await this.#compute(asked);
      return toResult('miss', cache_key, await this.#acceptUnchanged(entry, claim));
    } catch (error) {
      await claim.release();
      throw error;
    }
  }

  async #compute({ report, cache_key, parameters, parsed, scopes }: Asked): Promise<ReportCache> {
    const as_of = this.#now();
    const startedAt = performance.now();
    const output = toStorable(report.type, await report.generate(parsed, { cache_key, as_of, scopes }));
    return {
      cache_key,
      report_type: report.type,
      params: parameters,
      output_data: output,
      generation_ms: Math.round(performance.now() - startedAt),
      created_at: as_of,
      expires_at: expiryWithin(policyOf(ReportCache).retention, as_of, report.freshnessSeconds),
      ...(report.sourceEntityTypes && { source_entity_types: [...report.sourceEntityTypes] }),
      ...describeActor(),
    };
  }

  async #findFresh(cache_key: string): Promise<CachedOutput | undefined> {
    const cached = await this.#models.findOne(findCachedReport, { cache_key });
    return cached && cached.expires_at > this.#now() ? cached : undefined;
  }

  /** Stores an output unless a source has changed or a fresh one is stored by now; returns the stored one. */
  async #acceptUnchanged(entry: ReportCache, claim: SourceClaim): Promise<CachedOutput> {
    const { cache_key } = entry;
    await this.#models.of(ReportCache).deleteOne({ cache_key, expires_at: trusted({ $lte: this.#now() }) });
    if ((await claim.become(entry)) === 'stored') return entry;
    return (await this.#findFresh(cache_key)) ?? entry;
  }

  /** Stores an output unless a fresh one is stored by now; returns the stored one. */
  async #accept(entry: ReportCache): Promise<CachedOutput> {
    const stale = {
      cache_key: entry.cache_key,
      $nor: trusted([{ expires_at: trusted({ $gt: this.#now() }) }]),
    };
    try {
      await this.#models
        .of(ReportCache)
        .findOneAndReplace(stale, entry, { upsert: true, runValidators: true })
        .lean();
      return entry;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return (await this.#findFresh(entry.cache_key)) ?? entry;
    }
  }
}

function toResult(
  cache: 'hit' | 'miss',
  cache_key: string,
  { output_data, expires_at }: CachedOutput,
): ReportResult {
  return { cache, cache_key, output: output_data ?? null, expires_at };
}

function describeActor(): Pick<ReportCache, 'requested_by' | 'cause_id'> {
  const actor = currentActor();
  return actor ? { requested_by: actor.user_id, cause_id: actor.cause_id } : {};
}
