import type { Change } from '../encoding/change.js';
import { BackOff, waitUnlessAborted } from '../leading/back-off.js';
import { RejectedChangeError, type ChangeConsumer, type RejectedChange } from './change-consumer.js';
import { isInfrastructureFault } from './infrastructure-fault.js';

export interface Delivery {
  readonly consumer: ChangeConsumer;
  readonly signal: AbortSignal;
  /** How often a change alone is tried before it is rejected. */
  readonly maxAttempts: number;
  /** Rejects when a database is away: then nothing can be said against a change. */
  readonly proveInfrastructure: () => Promise<void>;
  /** Keeps what the consumer did not take; nothing is given up before it resolves. */
  readonly onRejected: (rejected: RejectedChange) => Promise<void>;
}

/**
 * Gives changes to a consumer in their order. What it does not take as a whole is halved until the changes at fault
 * stand alone; those are rejected. Answers how many were.
 *
 * @throws what the handler threw when servers or the network are at fault: the same changes are to be given again
 */
export async function deliverChanges(delivery: Delivery, changes: Change[]): Promise<number> {
  const { consumer, signal } = delivery;
  signal.throwIfAborted();
  try {
    await consumer.handle(changes, { signal });
    return 0;
  } catch (error) {
    signal.throwIfAborted();
    if (isInfrastructureFault(error)) throw error;
    if (changes.length === 1) return deliverAlone(delivery, changes as [Change], error);
  }
  const middle = Math.ceil(changes.length / 2);
  const before = await deliverChanges(delivery, changes.slice(0, middle));
  return before + (await deliverChanges(delivery, changes.slice(middle)));
}

async function deliverAlone(delivery: Delivery, changes: [Change], firstError: unknown): Promise<number> {
  const { consumer, signal, maxAttempts, proveInfrastructure, onRejected } = delivery;
  const backOff = new BackOff();
  let error = firstError;
  let attempts = 1;
  while (!(error instanceof RejectedChangeError) && attempts < maxAttempts) {
    await waitUnlessAborted(backOff.next(), signal);
    signal.throwIfAborted();
    attempts += 1;
    try {
      await consumer.handle([...changes], { signal });
      return 0;
    } catch (next) {
      signal.throwIfAborted();
      if (isInfrastructureFault(next)) throw next;
      error = next;
    }
  }
  if (!(error instanceof RejectedChangeError)) await proveInfrastructure();
  await onRejected({ consumer: consumer.name, change: changes[0], error, attempts });
  return 1;
}
