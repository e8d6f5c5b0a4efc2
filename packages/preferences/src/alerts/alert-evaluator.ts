import {
  InfratraqError,
  newCauseId,
  runAsActor,
  warnOfError,
  type Notifier,
  type ReportError,
} from '@infratraq/kernel';
import { trusted, type Models } from '@infratraq/mongo';
import type { QueryFilter } from 'mongoose';
import type { RequireWatchable, StoredAlertConfig } from './alert-configs.js';
import { describeNotice } from './alert-notification.js';
import {
  nextTimeOf,
  observeChange,
  observeMetric,
  observeTime,
  progressOf,
  type AlertProgress,
} from './alert-progress.js';
import type { EntityChange } from './entity-change.js';
import { metricOf, type MetricReader } from './metric-reader.js';
import { listDueAlerts, listEntityAlerts } from '../collections/user-alert-config.queries.js';
import { UserAlertConfig } from '../collections/user-alert-config.js';
import type { AlertEvaluation } from '../collections/user-alert-config-parts.js';

export interface AlertEvaluatorOptions {
  readonly models: Models;
  /** Without one, alerts fire and clear without a notification. */
  readonly notifier?: Pick<Notifier, 'send'> | undefined;
  readonly metrics: MetricReader;
  /** Asked as the owner of an alert before it learns of a change; changes of entities that the owner may not see are passed over. */
  readonly requireWatchable: RequireWatchable;
  /**
   * How often an alert on a metric is evaluated.
   * @default 15
   */
  readonly intervalSeconds?: number;
  /**
   * A longer pause between evaluations resets a pending alert.
   * @default 600, or ten intervals if that is longer
   */
  readonly toleratedGapSeconds?: number;
  /** Hears of an alert that could not be evaluated or announced; it is tried again. */
  readonly onError?: ReportError;
  readonly now?: () => Date;
}

/** The outcome of evaluating due alerts. */
export interface EvaluationSummary {
  readonly evaluated: number;
  readonly failed: number;
}

/** The state of an alert has too many concurrent writers. Nothing is lost; give the same changes again. */
class AlertContendedError extends InfratraqError {
  constructor(id: string) {
    super('alerts.contended', `The state of alert ${id} is written by too many at once; try again`, {
      status: 503,
    });
  }
}

const attemptsPerAlert = 10;

/**
 * Evaluates alerts and notifies when they fire and clear.
 *
 * A state is written only over the one that it follows from, so one of several evaluators succeeds. Its notification is
 * stored with it: it is never lost, and its idempotency key prevents a second one.
 */
export class AlertEvaluator {
  readonly #options: AlertEvaluatorOptions;
  readonly #intervalMilliseconds: number;
  readonly #toleratedGapSeconds: number;
  readonly #now: () => Date;

  constructor(options: AlertEvaluatorOptions) {
    const { intervalSeconds = 15 } = options;
    this.#options = options;
    this.#intervalMilliseconds = intervalSeconds * 1_000;
    this.#toleratedGapSeconds = options.toleratedGapSeconds ?? Math.max(600, 10 * intervalSeconds);
    this.#now = options.now ?? (() => new Date());
  }

  /** Evaluates alerts that are due, the longest due first and `limit` at most; one that fails stops no other. */
  async evaluateDue(limit = 200): Promise<EvaluationSummary> {
    const due = await this.#options.models.find(listDueAlerts, { by: this.#now() }, { limit });
    const readMetric = this.#rememberMetrics();
    let failed = 0;
    for (const config of due)
      try {
        await this.#evaluate(config, readMetric);
      } catch (error) {
        failed += 1;
        this.#report(config, error);
        await this.#postpone(config);
      }
    return { evaluated: due.length - failed, failed };
  }

  /** Applies changes, in the order of their commits, to alerts on entities. The same changes may come again. */
  async observeChanges(changes: readonly EntityChange[]): Promise<void> {
    const entity_types = [...new Set(changes.map(({ entity_type }) => entity_type))];
    const entity_ids = [...new Set(changes.map(({ entity_id }) => entity_id))];
    const isEmptied = changes.some(({ kind }) => kind === 'emptied');
    const configs = isEmptied
      ? await this.#model
          .find({ entity_type: trusted({ $in: entity_types }), enabled: true, kind: 'entity' })
          .lean()
      : await this.#options.models.find(listEntityAlerts, { entity_types, entity_ids });
    for (const config of configs as StoredAlertConfig[]) {
      const concerned = changes.filter(({ entity_type }) => entity_type === config.entity_type);
      const visible = await this.#listVisible(config, concerned);
      if (visible.length > 0) await this.#observe(config, visible);
    }
  }

  /** Gives alerts that an earlier version of this product stored a time at which they are evaluated. */
  async adoptAlerts(): Promise<void> {
    await this.#model.updateMany(
      { kind: 'metric', enabled: true, evaluation: trusted({ $exists: false }) },
      { $set: { evaluation: { revision: 0, notices: [], due_at: this.#now() } } },
    );
  }

  get #model() {
    return this.#options.models.of(UserAlertConfig);
  }

  async #evaluate(config: StoredAlertConfig, readMetric: MetricReader['readMetric']): Promise<void> {
    const at = this.#now();
    const metric = metricOf(config);
    const progress = metric
      ? observeMetric(
          config,
          { at, value: await readMetric(metric, at) },
          { toleratedGapSeconds: this.#toleratedGapSeconds },
        )
      : observeTime(config, at);
    // The first evaluator to write has evaluated; nothing is left for the others.
    await this.#commit(config, progress);
  }

  /** The changes of entities that the owner of an alert may still see. What is gone tells no value. */
  async #listVisible(
    { user_id, owner_roles = ['member'], entity_type = '', entity_id, field = '' }: StoredAlertConfig,
    changes: readonly EntityChange[],
  ): Promise<EntityChange[]> {
    const known = new Map<string, Promise<boolean>>();
    const isVisible = (id: string) => {
      const asked =
        known.get(id) ??
        runAsActor({ user_id, roles: owner_roles, cause_id: newCauseId() }, () =>
          this.#options.requireWatchable(entity_type, field, id),
        ).then(
          () => true,
          (error: unknown) => {
            if (error instanceof InfratraqError && error.status < 500) return false;
            throw error;
          },
        );
      known.set(id, asked);
      return asked;
    };
    const seen = await Promise.all(
      changes.map(
        ({ kind, entity_id: id }) =>
          kind === 'emptied' ||
          kind === 'removed' ||
          ((entity_id === undefined || id === entity_id) && isVisible(id)),
      ),
    );
    return changes.filter((_, place) => seen[place]);
  }

  async #observe(config: StoredAlertConfig, changes: readonly EntityChange[]): Promise<void> {
    let current: StoredAlertConfig | null = config;
    for (let attempt = 0; attempt < attemptsPerAlert; attempt += 1) {
      if (!current?.enabled || current.kind !== 'entity') return;
      const before = progressOf(current);
      const progress = changes.reduce(
        (reached, change) => observeChange(current as StoredAlertConfig, reached, change),
        before,
      );
      if (progress.last_change_id === before.last_change_id || (await this.#commit(current, progress)))
        return;
      const { user_id, _id } = config;
      current = (await this.#model.findOne({ user_id, _id }).lean()) as StoredAlertConfig | null;
    }
    throw new AlertContendedError(String(config._id));
  }

  /** Writes an alert's progress unless another evaluator has done so, and sends its notifications. */
  async #commit(config: StoredAlertConfig, progress: AlertProgress): Promise<boolean> {
    const { user_id, _id, version, evaluation: before } = config;
    const { state, entity_states, last_change_id } = progress;
    const notices = this.#options.notifier ? progress.notices : [];
    const due_at = this.#nextTime(config, progress);
    const evaluation: AlertEvaluation = {
      revision: (before?.revision ?? 0) + 1,
      notices: [...notices],
      ...(last_change_id !== undefined && { last_change_id }),
      ...(due_at && { due_at }),
    };
    const unchanged = before
      ? { 'evaluation.revision': before.revision }
      : { evaluation: trusted({ $exists: false }) };
    const { matchedCount } = await this.#model.updateOne(
      { user_id, _id, version, ...unchanged } as QueryFilter<UserAlertConfig>,
      {
        $set: { state, evaluation, ...(entity_states.length > 0 && { entity_states }) },
        ...(entity_states.length === 0 && { $unset: { entity_states: 1 } }),
      },
      { runValidators: true },
    );
    if (matchedCount === 0) return false;
    await this.#tell(config, notices);
    return true;
  }

  #nextTime(config: StoredAlertConfig, progress: AlertProgress): Date | undefined {
    const soon = new Date(this.#now().getTime() + this.#intervalMilliseconds);
    if (config.kind === 'metric' || progress.notices.length > 0) return soon;
    return nextTimeOf(config, progress);
  }

  async #tell(config: StoredAlertConfig, notices: AlertProgress['notices']): Promise<void> {
    const { user_id, _id } = config;
    for (const notice of notices)
      try {
        await this.#options.notifier?.send(describeNotice(String(_id), config, notice));
        const { event, number } = notice;
        await this.#model.updateOne({ user_id, _id }, { $pull: { 'evaluation.notices': { event, number } } });
      } catch (error) {
        // It stays with the state, and is told when the alert is due.
        this.#report(config, error);
        return;
      }
  }

  async #postpone({ user_id, _id }: StoredAlertConfig): Promise<void> {
    const due_at = new Date(this.#now().getTime() + this.#intervalMilliseconds);
    await this.#model.updateOne({ user_id, _id }, { $set: { 'evaluation.due_at': due_at } });
  }

  #report({ _id, name }: StoredAlertConfig, error: unknown): void {
    const { onError = warnOfError } = this.#options;
    onError(error, `evaluating the alert ${name} (${String(_id)})`);
  }

  /** Many alerts watch the same metric: each is read once. */
  #rememberMetrics(): MetricReader['readMetric'] {
    const known = new Map<string, Promise<number | undefined>>();
    return (selection, at) => {
      const key = JSON.stringify(selection, Object.keys({ ...selection, ...selection.dimensions }).sort());
      const value = known.get(key) ?? this.#options.metrics.readMetric(selection, at);
      known.set(key, value);
      return value;
    };
  }
}
