import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection, mongo } from 'mongoose';
import { openHousekeeping, type HousekeepingEntry } from './housekeeping.js';
import { isDuplicateKey } from './write-errors.js';

const leaseMilliseconds = 15_000;
const renewalMilliseconds = 3_000;
const pollMilliseconds = 500;

/** Work that one process at a time may do; a process that dies loses it within 15 seconds. */
export interface HeldLease {
  /** Notes what is done under the lease, for others to see. */
  note(fields: Readonly<Record<string, unknown>>): Promise<void>;
  release(): Promise<void>;
  /** Renews it no more, so that it runs out by itself. */
  abandon(): void;
}

/** Takes a lease; undefined when another process holds it. */
export async function takeLease(connection: Connection, name: string): Promise<HeldLease | undefined> {
  const entries = openHousekeeping(connection);
  const holder = `${hostname()}:${process.pid}:${randomUUID()}`;
  const until = () => new Date(Date.now() + leaseMilliseconds);
  try {
    await entries.updateOne(
      { _id: name, $or: [{ held_until: { $lt: new Date() } }, { held_until: { $exists: false } }] },
      { $set: { holder, held_until: until() } },
      { upsert: true },
    );
  } catch (error) {
    if (isDuplicateKey(error)) return undefined;
    throw error;
  }
  return holdLease(entries, { _id: name, holder }, until);
}

/** Takes a lease as soon as nobody else holds it; `onWait` is given what its holder noted. */
export async function awaitLease(
  connection: Connection,
  name: string,
  { onWait, signal }: { onWait?: (entry: HousekeepingEntry | null) => void; signal?: AbortSignal } = {},
): Promise<HeldLease> {
  for (;;) {
    signal?.throwIfAborted();
    const lease = await takeLease(connection, name);
    if (lease) return lease;
    onWait?.(await openHousekeeping(connection).findOne({ _id: name }));
    await delay(pollMilliseconds, undefined, { ...(signal && { signal }) });
  }
}

function holdLease(
  entries: mongo.Collection<HousekeepingEntry>,
  own: { _id: string; holder: string },
  until: () => Date,
): HeldLease {
  let renewing: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    // A renewal that fails is made up for by the next; if none succeeds, another process takes over.
    renewing = entries.updateOne(own, { $set: { held_until: until() } }).catch(() => undefined);
  }, renewalMilliseconds);
  timer.unref();
  return {
    async note(fields) {
      await entries.updateOne(own, { $set: { ...fields, held_until: until() } });
    },
    abandon: () => clearInterval(timer),
    async release() {
      clearInterval(timer);
      await renewing;
      await entries.updateOne(own, { $unset: { holder: '', held_until: '', working_on: '' } });
    },
  };
}
