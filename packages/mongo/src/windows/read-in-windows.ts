import { mongo } from 'mongoose';

/** A stretch of a line: from (inclusive) to below (exclusive); open where a side is missing. */
export interface Window {
  readonly from?: number;
  readonly below?: number;
}

/** What is read through windows. */
export interface WindowedRead<Item> {
  readonly direction: 1 | -1;
  readonly limit: number;
  /** Where the first window begins. */
  readonly start: number;
  /** Whether items may lie before the start, so that the first window is open on that side. */
  readonly isOpen: boolean;
  /** Where items are likely to be: windows that lie far from it reach most of the way there. */
  readonly target?: number | undefined;
  /** Few items lie beyond it: one last window takes them all. */
  readonly end: number;
  readonly width: number;
  /** How long the first window may take; longer where it has paid before. */
  readonly patienceMilliseconds?: number;
  /** Narrowest window that can be cut: 1 where the line has whole numbers. */
  readonly narrowest: number;
  /** Reads items of one window in order; undefined when that took longer than it may. */
  read(window: Window, bounds: ReadBounds): Promise<Item[] | undefined>;
  /** Whether what was read is enough, although the limit is not reached. */
  isFull?(): boolean;
  /** Called when narrow windows took as long as wide ones: no index serves them, and the rest is read as a whole. */
  onVain?(): void;
}

/** How much one window may give, and how long it may take. */
export interface ReadBounds {
  readonly limit: number;
  readonly milliseconds: number | undefined;
}

const firstPatienceMilliseconds = 25;
/** What has paid before pays again on a machine that is busy for a while. */
export const patienceWithKnownMilliseconds = 250;
const mostPatienceMilliseconds = 200;
const mostWindows = 64;
/** In a row: by then a window is 200,000 times narrower. */
const mostNarrowings = 6;
/** Altogether, before anything is found. */
const mostSearching = 24;
const growth = 8;

/**
 * Reads items in order from an engine that reads all matches of a filter before it gives the first.
 *
 * Windows begin narrow and grow until the limit is reached, so that the cost follows the limit and not the number of
 * matches. A window that takes too long is narrowed. Together they cover the whole line: the result is complete.
 */
export async function readInWindows<Item>(plan: WindowedRead<Item>): Promise<Item[]> {
  const { direction, limit, narrowest } = plan;
  const found: Item[] = [];
  let { start: place, width, end, isOpen, target = plan.start } = plan;
  let patience = firstPatienceMilliseconds;
  let [narrowings, searching] = [0, 0];
  let wall: number | undefined;
  for (let count = 1; ; count += 1) {
    const left = direction * (end - place);
    const distance = direction * (target - place);
    // Half of the way to what took too long, as a search by halves.
    const most = wall === undefined ? Infinity : Math.max(narrowest, (direction * (wall - place)) / 2);
    const reach = Math.min(most, Math.max(width, (distance * (growth - 1)) / growth));
    const isVain = narrowings >= mostNarrowings || searching >= mostSearching;
    if (isVain) plan.onVain?.();
    const isRest = count > mostWindows || isVain;
    const next = isRest || reach >= left ? undefined : place + direction * reach;
    const window = cutWindow(isOpen ? undefined : place, next, direction);
    const isPatient = isRest || reach <= narrowest;
    const allowed = count === 1 ? (plan.patienceMilliseconds ?? patience) : patience;
    const bounds = { limit: limit - found.length, milliseconds: isPatient ? undefined : allowed };
    const items = await plan.read(window, bounds);
    if (items === undefined) {
      const taken = left > 0 ? Math.min(reach, left) : reach;
      width = Math.max(narrowest, taken / growth);
      if (next === undefined) end = place + direction * Math.max(reach, left);
      wall = place + direction * taken;
      target = place;
      patience = Math.min(mostPatienceMilliseconds, patience * 1.5);
      narrowings += 1;
      searching += 1;
      continue;
    }
    found.push(...items);
    if (found.length >= limit || next === undefined || plan.isFull?.()) return found;
    isOpen = false;
    narrowings = 0;
    place = next;
    if (wall !== undefined && direction * (wall - place) <= narrowest) wall = undefined;
    if (items.length > 0) [target, searching] = [place, 0];
    const missing = limit - found.length;
    width *= items.length === 0 ? growth : Math.min(growth, Math.max(1, (missing / items.length) * 1.5));
  }
}

/** The window from a place to one that follows it in the direction of reading; open where one is missing. */
export function cutWindow(near: number | undefined, far: number | undefined, direction: 1 | -1): Window {
  const [from, below] = direction === 1 ? [near, far] : [far, near];
  return { ...(from !== undefined && { from }), ...(below !== undefined && { below }) };
}

const maxTimeExpired = 50;

export function isOutOfTime(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && error.code === maxTimeExpired;
}

/**
 * Reads within a limit of time: undefined when the server stopped the read for it. Without one, a read that was stopped
 * for the limit of all queries rejects like any other.
 */
export async function readInTime<Item>(
  milliseconds: number | undefined,
  read: () => Promise<Item[]>,
): Promise<Item[] | undefined> {
  if (milliseconds === undefined) return read();
  try {
    return await read();
  } catch (error) {
    if (isOutOfTime(error)) return undefined;
    throw error;
  }
}
