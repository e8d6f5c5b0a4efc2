import { createConnection, type Connection } from 'mongoose';

/** How one contender stores events. */
export interface Contender {
  /** Where its events are counted. */
  readonly collection: string;
  /** Stores events `from` to `to` (exclusive); resolves when all have been handed over. */
  readonly store: (from: number, to: number) => Promise<void>;
}

/** Makes a contender, connected and warm. */
export type ContenderFactory = (uri: string) => Promise<Contender>;

export async function connect(uri: string): Promise<Connection> {
  return createConnection(uri, { autoIndex: false, autoCreate: false }).asPromise();
}

/** Calls `work` on stretches of at most `size`. */
export async function inStretches(
  from: number,
  to: number,
  size: number,
  work: (from: number, to: number) => Promise<unknown>,
): Promise<void> {
  for (let start = from; start < to; start += size) await work(start, Math.min(start + size, to));
}

/** Yields to whatever else the process has to do. */
export function yieldTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
