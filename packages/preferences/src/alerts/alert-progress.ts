import {
  advanceAlert,
  fireTimeOf,
  isOver,
  noteChange,
  settle,
  type AdvanceOptions,
  type AlertObservation,
  type AlertStep,
} from './advance-alert.js';
import type { EntityChange } from './entity-change.js';
import type { UserAlertConfig } from '../collections/user-alert-config.js';
import type { AlertNotice, AlertState, EntityAlertState } from '../collections/user-alert-config-parts.js';

/** How far the evaluation of one alert is. */
export interface AlertProgress {
  readonly state: AlertState;
  readonly entity_states: readonly EntityAlertState[];
  readonly last_change_id?: string | undefined;
  readonly notices: readonly AlertNotice[];
}

/** Most entities that an alert keeps a state of; further ones are left out. */
const watchedEntitiesLimit = 200;

/** Where the evaluation of an alert stands as it is stored. */
export function progressOf({ state, entity_states = [], evaluation }: UserAlertConfig): AlertProgress {
  return {
    state,
    entity_states,
    last_change_id: evaluation?.last_change_id,
    notices: evaluation?.notices ?? [],
  };
}

/** Advances an alert on a metric by the metric's present value. */
export function observeMetric(
  config: UserAlertConfig,
  observation: AlertObservation,
  options: AdvanceOptions,
): AlertProgress {
  const progress = progressOf(config);
  return conclude(progress, advanceAlert(config.condition, progress.state, observation, options));
}

/** Advances an alert on entities by one change; a change that was seen before has no effect. */
export function observeChange(
  config: UserAlertConfig,
  progress: AlertProgress,
  change: EntityChange,
): AlertProgress {
  if (isKnown(change.change_id, progress.last_change_id)) return progress;
  const seen: AlertProgress = { ...progress, last_change_id: change.change_id };
  if (change.kind === 'emptied')
    return listEntities(config, seen).reduce(
      (reached, entity) => take(config, reached, entity, (state) => settle(state, change.at)),
      seen,
    );
  const { entity_id, at } = change;
  if (config.entity_id !== undefined && config.entity_id !== entity_id) return progress;
  if (change.kind === 'removed') return take(config, seen, entity_id, (state) => settle(state, at));
  const value = change.values[config.field ?? ''];
  if (value === undefined) return seen;
  if (config.condition.operator !== 'changed')
    return take(config, seen, entity_id, (state) => advanceAlert(config.condition, state, { at, value }));
  if (change.kind !== 'updated' || !change.changed_fields.includes(config.field ?? '')) return seen;
  return take(config, seen, entity_id, (state) => noteChange(config.condition, state, { at, value }));
}

/** Advances an alert on entities without a change: a pending one may have held for long enough. */
export function observeTime(config: UserAlertConfig, at: Date): AlertProgress {
  const progress = progressOf(config);
  return listEntities(config, progress).reduce(
    (reached, entity) =>
      take(config, reached, entity, (state) =>
        state.status === 'pending'
          ? advanceAlert(config.condition, state, { at, value: state.last_value })
          : { state },
      ),
    progress,
  );
}

/** When to evaluate an alert on entities next without a change; undefined if a change must come first. */
export function nextTimeOf(
  { condition, entity_id }: UserAlertConfig,
  progress: AlertProgress,
): Date | undefined {
  const states = entity_id === undefined ? progress.entity_states : [progress.state];
  const times = states
    .filter(({ status }) => status === 'pending')
    .map((state) => fireTimeOf(condition, state).getTime());
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}

/** Ids of one source (the part before the first colon) sort in the order of commits. */
function isKnown(changeId: string, last: string | undefined): boolean {
  return last !== undefined && changeId.split(':')[0] === last.split(':')[0] && changeId <= last;
}

/** The entities that an alert has a state of; of an alert on one entity that one. */
function listEntities(
  { entity_id }: UserAlertConfig,
  { entity_states }: AlertProgress,
): (string | undefined)[] {
  return entity_id === undefined ? entity_states.map((state) => state.entity_id) : [undefined];
}

/** Advances the state of an alert, or that of one entity of an alert on a whole type. */
function take(
  config: UserAlertConfig,
  progress: AlertProgress,
  entity: string | undefined,
  advance: (state: AlertState) => AlertStep,
): AlertProgress {
  if (config.entity_id !== undefined || entity === undefined)
    return conclude(progress, advance(progress.state));
  const { entity_states, state: whole } = progress;
  const known = entity_states.find(({ entity_id }) => entity_id === entity);
  // The next firing takes the alert's next number, and what lasts keeps its own.
  const fired_count = known?.status === 'firing' ? known.fired_count : whole.fired_count;
  const step = advance({ ...(known ?? { status: 'ok', since: whole.since }), fired_count });
  const kept = { ...step.state, entity_id: entity };
  const others = entity_states.filter(({ entity_id }) => entity_id !== entity);
  const isOfInterest =
    kept.status !== 'ok' || !isOver(config.condition, kept, kept.last_evaluated_at ?? kept.since);
  if (isOfInterest && !known && others.length >= watchedEntitiesLimit) return progress;
  const states = isOfInterest ? [...others, kept] : others;
  const state = summarize(whole, kept, states);
  return conclude({ ...progress, entity_states: states }, { ...step, state }, kept);
}

/** The state of an alert on every entity of a type: as bad as its worst entity. */
function summarize(whole: AlertState, last: AlertState, states: readonly AlertState[]): AlertState {
  const status =
    (['firing', 'pending'] as const).find((bad) => states.some((state) => state.status === bad)) ?? 'ok';
  const { last_value, last_evaluated_at, last_fired_at, last_cleared_at, fired_count } = last;
  return {
    ...whole,
    ...(last_value !== undefined && { last_value }),
    ...(last_evaluated_at && { last_evaluated_at }),
    ...(last_fired_at && { last_fired_at }),
    ...(last_cleared_at && { last_cleared_at }),
    status,
    since: status === whole.status ? whole.since : (last_evaluated_at ?? last.since),
    fired_count: Math.max(whole.fired_count, fired_count),
  };
}

function conclude(progress: AlertProgress, { state, event }: AlertStep, told = state): AlertProgress {
  if (event === undefined) return { ...progress, state };
  const at = (event === 'fired' ? told.last_fired_at : told.last_cleared_at) ?? told.since;
  const { entity_id } = told as Partial<EntityAlertState>;
  const notice: AlertNotice = {
    event,
    number: told.fired_count,
    at,
    ...(told.last_value !== undefined && { value: told.last_value }),
    ...(entity_id !== undefined && { entity_id }),
  };
  return { ...progress, state, notices: [...progress.notices, notice] };
}
