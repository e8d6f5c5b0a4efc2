import type {
  AlertCondition,
  AlertEvent,
  AlertState,
  AlertValue,
} from '../collections/user-alert-config-parts.js';

/** An observed value and its time; no value means that nothing is known. */
export interface AlertObservation {
  readonly at: Date;
  readonly value: AlertValue | undefined;
}

/** The next state of an alert, and the event to notify of, if any. */
export interface AlertStep {
  readonly state: AlertState;
  readonly event?: AlertEvent;
}

export interface AdvanceOptions {
  /**
   * A longer pause between evaluations resets a pending alert.
   * @default Infinity
   */
  readonly toleratedGapSeconds?: number;
}

/**
 * Takes an alert from one observation to the next. It fires once the condition has held for `for_seconds` and the
 * last firing is `cool_down_seconds` ago, and clears once the value has come back past `clear_threshold`.
 */
export function advanceAlert(
  condition: AlertCondition,
  state: AlertState,
  { at, value }: AlertObservation,
  { toleratedGapSeconds = Infinity }: AdvanceOptions = {},
): AlertStep {
  const seen: AlertState = {
    ...state,
    last_evaluated_at: at,
    ...(value !== undefined && { last_value: value }),
  };
  const verdict = judge(condition, state, value);
  if (verdict === undefined) return { state: seen };
  if (!verdict) return settle(seen, at);
  if (state.status === 'firing') return { state: seen };
  const isContinued =
    state.status === 'pending' && secondsBetween(state.last_evaluated_at, at) <= toleratedGapSeconds;
  const since = isContinued ? state.since : at;
  const isDue = secondsBetween(since, at) >= condition.for_seconds && isOver(condition, state, at);
  if (isDue) return fire(seen, at, 'firing');
  return { state: { ...seen, status: 'pending', since } };
}

/** Advances an alert with the operator `changed`: it fires at each change outside its cool-down. */
export function noteChange(
  condition: AlertCondition,
  state: AlertState,
  { at, value }: AlertObservation,
): AlertStep {
  const seen: AlertState = {
    ...state,
    last_evaluated_at: at,
    ...(value !== undefined && { last_value: value }),
  };
  return isOver(condition, state, at) ? fire(seen, at, 'ok') : { state: seen };
}

/** Clears an alert whose entity is gone. */
export function settle(state: AlertState, at: Date): AlertStep {
  if (state.status === 'ok') return { state };
  const settled: AlertState = { ...state, status: 'ok', since: at };
  return state.status === 'firing'
    ? { state: { ...settled, last_cleared_at: at }, event: 'cleared' }
    : { state: settled };
}

/** When an alert that is pending will fire unless something happens first. */
export function fireTimeOf({ for_seconds, cool_down_seconds }: AlertCondition, state: AlertState): Date {
  const held = state.since.getTime() + for_seconds * 1_000;
  const rested = state.last_fired_at ? state.last_fired_at.getTime() + cool_down_seconds * 1_000 : 0;
  return new Date(Math.max(held, rested));
}

/** Whether an alert may fire again. */
export function isOver(
  { cool_down_seconds }: AlertCondition,
  { last_fired_at }: AlertState,
  at: Date,
): boolean {
  return last_fired_at === undefined || secondsBetween(last_fired_at, at) >= cool_down_seconds;
}

function fire(state: AlertState, at: Date, status: 'firing' | 'ok'): AlertStep {
  const fired = { ...state, status, last_fired_at: at, fired_count: state.fired_count + 1 };
  return { state: status === 'firing' ? { ...fired, since: at } : fired, event: 'fired' };
}

/** Whether the condition holds; a firing alert is held against the threshold at which it clears. */
function judge(
  condition: AlertCondition,
  state: AlertState,
  value: AlertValue | undefined,
): boolean | undefined {
  const { operator, threshold, clear_threshold, missing_data } = condition;
  const limit = state.status === 'firing' ? (clear_threshold ?? threshold) : threshold;
  const verdict = value === undefined || limit === undefined ? undefined : compare(operator, value, limit);
  if (verdict !== undefined || missing_data === 'keep' || missing_data === undefined) return verdict;
  return missing_data === 'alert';
}

function compare(
  operator: AlertCondition['operator'],
  value: AlertValue,
  limit: number | string | boolean,
): boolean | undefined {
  switch (operator) {
    case 'eq':
      return value === limit;
    case 'ne':
      return value !== limit;
    case 'changed':
      return undefined;
  }
  if (typeof value !== 'number' || typeof limit !== 'number' || Number.isNaN(value)) return undefined;
  switch (operator) {
    case 'gt':
      return value > limit;
    case 'gte':
      return value >= limit;
    case 'lt':
      return value < limit;
    case 'lte':
      return value <= limit;
  }
}

function secondsBetween(from: Date | undefined, to: Date): number {
  return from === undefined ? Infinity : (to.getTime() - from.getTime()) / 1_000;
}
