import { ConflictError, currentActor, NotFoundError } from '@infratraq/kernel';
import { isDuplicateKey, type Models, type Stored } from '@infratraq/mongo';
import { Types } from 'mongoose';
import { z } from 'zod';
import { alertConfigSchema, type AlertConfigInput } from './alert-config-schema.js';
import { checkInput, userIdSchema, versionSchema } from '../writing/check-input.js';
import { listAlertConfigs } from '../collections/user-alert-config.queries.js';
import { UserAlertConfig } from '../collections/user-alert-config.js';
import type { AlertEvaluation, AlertState } from '../collections/user-alert-config-parts.js';
import { writeVersioned } from '../writing/write-versioned.js';

/** An alert as it is stored. */
export type StoredAlertConfig = Stored<UserAlertConfig>;

/** How many alerts a user can have. */
export const alertConfigLimit = 200;

const namedSchema = z.object({ user_id: z.string(), id: z.string() });
// An alert that was read has a version.
const replacedSchema = z.object({ user_id: userIdSchema, version: versionSchema.min(1) });

/**
 * Throws for a field that the current actor may not watch, of one entity or of every entity of a type; an alert reveals
 * the field's value. It is asked when an alert is configured, and again with the id of each entity that it would fire for.
 * A metric is the field of that name of the entity `*` of type `*`, which stands for all entities.
 */
export type RequireWatchable = (
  entity_type: string,
  field: string,
  entity_id?: string | undefined,
) => Promise<void>;

/** Keeps the alerts that users have configured. */
export class AlertConfigs {
  readonly #models: Models;
  readonly #requireWatchable: RequireWatchable;

  constructor(options: { models: Models; requireWatchable: RequireWatchable }) {
    this.#models = options.models;
    this.#requireWatchable = options.requireWatchable;
  }

  /** A user's alerts, by name. */
  async list(user_id: string): Promise<StoredAlertConfig[]> {
    checkInput(z.string(), user_id);
    return this.#models.find(listAlertConfigs, { user_id });
  }

  /**
   * Configures a new alert; it begins in status `ok`.
   * @throws ConflictError `alerts.name-taken`, `alerts.full`
   * @throws InvalidInputError `preferences.invalid`
   * @throws what `requireWatchable` throws
   */
  async create(user_id: string, config: AlertConfigInput): Promise<StoredAlertConfig> {
    checkInput(userIdSchema, user_id);
    const fields = await this.#parse(config);
    const model = this.#models.of(UserAlertConfig);
    if ((await model.countDocuments({ user_id })) >= alertConfigLimit) throw new AlertsFullError();
    const at = new Date();
    const stored = await this.#refuseTakenName(fields.name, async () => {
      const created = await model.create({
        ...fields,
        user_id,
        ...beginEvaluation(fields, at, 0),
        version: 1,
        created_at: at,
        updated_at: at,
      });
      return created.toObject() as unknown as StoredAlertConfig;
    });
    // Of those created at the same moment the last to count sees all, so that none is too many.
    if ((await model.countDocuments({ user_id })) <= alertConfigLimit) return stored;
    await model.deleteOne({ user_id, _id: stored._id });
    throw new AlertsFullError();
  }

  /**
   * Replaces an alert's configuration. A change of the watched thing or the condition resets its state.
   * @throws NotFoundError `alerts.unknown`
   * @throws ConflictError `preferences.stale`, `alerts.name-taken`
   * @throws InvalidInputError `preferences.invalid`
   */
  async replace(
    user_id: string,
    id: string,
    config: AlertConfigInput,
    version: number,
  ): Promise<StoredAlertConfig> {
    const fields = await this.#parse(config);
    checkInput(replacedSchema, { user_id, version });
    const current = await this.read(user_id, id);
    const at = new Date();
    return this.#refuseTakenName(fields.name, () =>
      writeVersioned<StoredAlertConfig>(this.#models.of(UserAlertConfig) as never, {
        what: `the alert ${current.name}`,
        key: { user_id, _id: current._id } as Partial<StoredAlertConfig>,
        expected: version,
        fields: {
          ...absentFields,
          ...fields,
          ...(watchedBy(fields) !== watchedBy(current) &&
            beginEvaluation(fields, at, current.state.fired_count)),
        },
        at,
      }),
    );
  }

  /** @throws NotFoundError `alerts.unknown` when the user has no such alert */
  async read(user_id: string, id: string): Promise<StoredAlertConfig> {
    checkInput(namedSchema, { user_id, id });
    const found = Types.ObjectId.isValid(id)
      ? await this.#models.of(UserAlertConfig).findOne({ user_id, _id: id }).lean()
      : null;
    if (!found) throw unknownAlert(id);
    return found as unknown as StoredAlertConfig;
  }

  /** @throws NotFoundError `alerts.unknown` when the user has no such alert */
  async remove(user_id: string, id: string): Promise<void> {
    const { _id } = await this.read(user_id, id);
    const { deletedCount } = await this.#models.of(UserAlertConfig).deleteOne({ user_id, _id });
    if (deletedCount === 0) throw unknownAlert(id);
  }

  async #parse(config: AlertConfigInput) {
    const fields = checkInput(alertConfigSchema, config);
    if (fields.kind === 'metric') await this.#requireWatchable('*', fields.metric ?? '', '*');
    else await this.#requireWatchable(fields.entity_type ?? '', fields.field ?? '', fields.entity_id);
    return { ...fields, owner_roles: [...(currentActor()?.roles ?? [])] };
  }

  async #refuseTakenName<Result>(name: string, write: () => Promise<Result>): Promise<Result> {
    try {
      return await write();
    } catch (error) {
      if (isDuplicateKey(error))
        throw new ConflictError(`There is an alert named ${name}; choose another name`, 'alerts.name-taken');
      throw error;
    }
  }
}

/** There are as many alerts as a user can have. */
class AlertsFullError extends ConflictError {
  constructor() {
    super(`There are ${alertConfigLimit} alerts already; remove one first`, 'alerts.full');
  }
}

// Named, so that a field that a replacement leaves out is removed.
const absentFields: Partial<UserAlertConfig> = {
  metric: undefined,
  metric_source: undefined,
  statistic: undefined,
  granularity: undefined,
  dimensions: undefined,
  entity_type: undefined,
  entity_id: undefined,
  field: undefined,
};

type Watched = Pick<
  z.output<typeof alertConfigSchema>,
  | 'enabled'
  | 'kind'
  | 'metric'
  | 'metric_source'
  | 'statistic'
  | 'granularity'
  | 'dimensions'
  | 'entity_type'
  | 'entity_id'
  | 'field'
  | 'condition'
>;

function watchedBy({ condition, ...watched }: Watched): string {
  const { operator, threshold, clear_threshold, for_seconds, cool_down_seconds } = condition;
  return JSON.stringify([
    watched.enabled,
    watched.kind,
    watched.metric,
    watched.metric_source,
    watched.statistic,
    watched.granularity,
    Object.entries(watched.dimensions ?? {}).sort(([left], [right]) => (left < right ? -1 : 1)),
    watched.entity_type,
    watched.entity_id,
    watched.field,
    operator,
    threshold,
    clear_threshold,
    for_seconds,
    cool_down_seconds,
    condition.missing_data ?? 'keep',
  ]);
}

/** The number of firings goes on: notifications are told apart by it. */
function beginEvaluation({ enabled, kind }: Watched, at: Date, firedCount: number) {
  const state: AlertState = { status: 'ok', since: at, fired_count: firedCount };
  const isDue = enabled && kind === 'metric';
  const evaluation: AlertEvaluation = { revision: 0, notices: [], ...(isDue && { due_at: at }) };
  return { state, evaluation, entity_states: undefined };
}

function unknownAlert(id: string): NotFoundError {
  return new NotFoundError(`You have no alert ${id}`, 'alerts.unknown');
}
