import { formatDuration, type Seconds } from './duration.js';
import { DefinitionError } from '../errors/errors.js';

/** Documents stay until somebody removes them. */
export interface PermanentRetention {
  readonly kind: 'permanent';
}

/** Every document lives equally long, counted from the collection's time field. */
export interface FixedRetention {
  readonly kind: 'fixed';
  readonly seconds: Seconds;
}

/** A document lives as long as its `expires_at` says, within these bounds; without one, as long as the maximum. */
export interface RangeRetention {
  readonly kind: 'range';
  readonly minimumSeconds: Seconds;
  readonly maximumSeconds: Seconds;
}

export type ExpiringRetention = FixedRetention | RangeRetention;
export type Retention = PermanentRetention | ExpiringRetention;

/** Keeps documents for good. */
export function permanent(): PermanentRetention {
  return { kind: 'permanent' };
}

/** Lets documents expire `seconds` after their time field; a positive whole number. */
export function expiresAfter(seconds: Seconds): FixedRetention {
  return { kind: 'fixed', seconds };
}

/** Lets each document, or each deployment, choose a life between `minimumSeconds` and `maximumSeconds`. */
export function between(minimumSeconds: Seconds, maximumSeconds: Seconds): RangeRetention {
  return { kind: 'range', minimumSeconds, maximumSeconds };
}

/** The longest life a document can have, in seconds; undefined for permanent retention. */
export function maximumLife(retention: Retention): Seconds | undefined {
  if (retention.kind === 'permanent') return undefined;
  return retention.kind === 'fixed' ? retention.seconds : retention.maximumSeconds;
}

/** Says what is wrong with a retention, or undefined when it is sound. */
export function retentionFault(retention: Retention): string | undefined {
  if (retention.kind === 'permanent') return undefined;
  const lives =
    retention.kind === 'fixed' ? [retention.seconds] : [retention.minimumSeconds, retention.maximumSeconds];
  if (lives.some((life) => !Number.isSafeInteger(life) || life <= 0 || life > 2_147_483_647))
    return 'a life is a whole number of seconds between 1 and 2147483647';
  if (retention.kind === 'range' && retention.minimumSeconds >= retention.maximumSeconds)
    return 'the minimum must be below the maximum';
  return undefined;
}

/**
 * Narrows a retention to the value a deployment wants.
 * @throws DefinitionError `definition.retention.bounds` when the value lies outside what the policy allows.
 */
export function narrowRetention(
  collection: string,
  retention: Retention,
  seconds: Seconds,
): ExpiringRetention {
  const allowed =
    retention.kind === 'range' &&
    Number.isSafeInteger(seconds) &&
    seconds >= retention.minimumSeconds &&
    seconds <= retention.maximumSeconds;
  if (!allowed)
    throw new DefinitionError(
      collection,
      'retention.bounds',
      `A retention of ${formatDuration(seconds)} is not within the policy's ${formatRetention(retention)}`,
    );
  return seconds === retention.minimumSeconds
    ? expiresAfter(seconds)
    : between(retention.minimumSeconds, seconds);
}

/**
 * The `expires_at` of a document that is to live `seconds` from `from`, held within the policy's bounds.
 * @throws DefinitionError `definition.retention.no-range` when the policy gives no range to choose from.
 */
export function expiryWithin(retention: Retention, from: Date, seconds: Seconds): Date {
  if (retention.kind !== 'range')
    throw new DefinitionError(
      'expires_at',
      'retention.no-range',
      'Only a range retention lets a document choose its life',
    );
  const life = Math.min(Math.max(seconds, retention.minimumSeconds), retention.maximumSeconds);
  return new Date(from.getTime() + life * 1_000);
}

/** Writes a retention as the reference pages and the console show it: `permanent`, `90 d`, `2 y to 7 y`. */
export function formatRetention(retention: Retention): string {
  switch (retention.kind) {
    case 'permanent':
      return 'permanent';
    case 'fixed':
      return formatDuration(retention.seconds);
    case 'range':
      return `${formatDuration(retention.minimumSeconds)} to ${formatDuration(retention.maximumSeconds)}`;
  }
}
