import type { Connection } from 'mongoose';
import {
  patienceWithKnownMilliseconds,
  readInTime,
  readInWindows,
  type ReadBounds,
  type Window,
} from './read-in-windows.js';
import { readsInOrder } from './reads-in-order.js';

/** A read in the order of a line, such as positions in a log. */
export interface OrderedRead<Item> {
  /** Nothing that is wanted lies before it. */
  readonly start: number;
  /** Few items lie beyond it. */
  readonly end: number;
  /** Of the first window. */
  readonly width: number;
  /** Whether a window of that width has paid before. */
  readonly isKnown?: boolean;
  readonly limit: number;
  /** Whether the first window that holds anything ends the read: when one answer need not hold all of a window. */
  readonly stopsEarly?: boolean;
  /** Reads items of one window in their order, and lets the server stop that after `milliseconds`. */
  read(window: Window, bounds: ReadBounds): Promise<Item[]>;
}

const growth = 8;

/**
 * Reads what comes next of a long line, again and again, at a cost that follows the limit: as one query where that is
 * cheap or the engine reads an index in its order, else through windows as wide as the last one that paid.
 */
export class OrderedReader {
  readonly #connection: Connection;
  readonly #patienceMilliseconds: number;
  #width: number | undefined;

  /** A whole read may take 25 ms, or as long as is given; 0 for windows at once. */
  constructor(connection: Connection, { patienceMilliseconds = 25 }: { patienceMilliseconds?: number } = {}) {
    this.#connection = connection;
    this.#patienceMilliseconds = patienceMilliseconds;
  }

  /** Answers the first items. */
  async read<Item>({
    limit,
    stopsEarly = false,
    isKnown = this.#width !== undefined,
    ...plan
  }: OrderedRead<Item>): Promise<Item[]> {
    const whole = (milliseconds?: number) => plan.read({}, { limit, milliseconds });
    if (await readsInOrder(this.#connection)) return whole();
    if (!isKnown && this.#patienceMilliseconds > 0) {
      const found = await readInTime(this.#patienceMilliseconds, () => whole(this.#patienceMilliseconds));
      if (found) return found;
    }
    let last = { reach: 0, items: 0 };
    const found = await readInWindows<Item>({
      ...plan,
      ...(this.#width !== undefined && { width: this.#width }),
      ...(isKnown && { patienceMilliseconds: patienceWithKnownMilliseconds }),
      direction: 1,
      isOpen: true,
      narrowest: 1,
      limit: stopsEarly ? 1 : limit,
      read: async (window, bounds) => {
        const items = await readInTime(bounds.milliseconds, () =>
          plan.read(window, stopsEarly ? { ...bounds, limit } : bounds),
        );
        const { from = plan.start, below } = window;
        if (items && items.length > 0)
          last = { reach: below === undefined ? 0 : below - from, items: items.length };
        return items;
      },
    });
    const share = Math.min(growth, Math.max(1 / growth, limit / Math.max(1, last.items)));
    this.#width = last.reach === 0 ? undefined : Math.max(1, last.reach * share);
    return found;
  }
}
