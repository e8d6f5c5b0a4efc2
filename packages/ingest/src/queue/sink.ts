import type { RecordedEvent } from './recorded-event.js';

/** What became of the events of one batch; each event is in exactly one of the lists. */
export interface BatchOutcome {
  readonly written: readonly RecordedEvent[];
  /** Events that this store will never take, each with the reason. */
  readonly poisoned: readonly { readonly event: RecordedEvent; readonly error: unknown }[];
  /** Events to write again, with the same ids, and why. */
  readonly again: readonly RecordedEvent[];
  readonly fault?: unknown;
}

/**
 * Writes a batch to a store; never rejects for reasons of the store. What the store does not acknowledge within
 * `maxSilenceMilliseconds` is to be written again: a network may swallow everything and close nothing.
 */
export type Sink = (
  events: readonly RecordedEvent[],
  maxSilenceMilliseconds: number,
) => Promise<BatchOutcome>;

/** Halves a batch that is refused as a whole until the event that is at fault stands alone. */
export async function isolateFault(
  events: readonly RecordedEvent[],
  error: unknown,
  write: (half: readonly RecordedEvent[]) => Promise<BatchOutcome>,
): Promise<BatchOutcome> {
  if (events.length === 1)
    return { written: [], poisoned: events.map((event) => ({ event, error })), again: [] };
  const middle = Math.ceil(events.length / 2);
  const left = await write(events.slice(0, middle));
  const right = await write(events.slice(middle));
  const fault = left.fault ?? right.fault;
  return {
    written: [...left.written, ...right.written],
    poisoned: [...left.poisoned, ...right.poisoned],
    again: [...left.again, ...right.again],
    ...(fault !== undefined && { fault }),
  };
}
