import type { DocumentClass } from '@infratraq/kernel';
import { mongo, type Model } from 'mongoose';
import { valueAtPath, type ResolvedShape, type Selection, type Stored } from '../run-query.js';
import { boundsOfFilter, type PathBounds } from './bounds-of-filter.js';
import type { Line } from './line.js';
import {
  cutWindow,
  patienceWithKnownMilliseconds,
  readInTime,
  readInWindows,
  type ReadBounds,
  type Window,
} from './read-in-windows.js';
import { narrowFilter } from './narrow-filter.js';
import { findSortedLine } from './sorted-line.js';
import type { WindowMemory } from './window-memory.js';

export interface FindInWindowsOptions<T> extends Pick<Selection, 'fields' | 'content' | 'budget'> {
  readonly limit: number;
  readonly memory: WindowMemory;
  readonly find: (shape: ResolvedShape, selection: Selection) => Promise<Stored<T>[]>;
  /**
   * A read that takes no longer as a whole needs no windows; 0 for windows at once.
   * @default 25
   */
  readonly patienceMilliseconds?: number;
}

/**
 * Reads the first documents of a sorted query: at once where that is cheap, else through windows on its first sort key.
 * The window that filled the page the last time is tried first.
 */
export async function findInWindows<T extends object>(
  model: Model<T>,
  target: DocumentClass<T>,
  shape: ResolvedShape,
  { limit, memory, find: readDocuments, patienceMilliseconds = 25, ...options }: FindInWindowsOptions<T>,
): Promise<Stored<T>[]> {
  const find = (given: ResolvedShape, selection: Selection) =>
    readDocuments(given, { ...selection, ...options });
  const sorted = findSortedLine(model, target, shape);
  const bounds = sorted && boundsOfFilter(shape.filter, sorted.path, sorted.line);
  if (!sorted || !bounds || bounds.isFixed) return find(shape, { limit });
  const { path, direction, line } = sorted;
  const [edge, end] = direction === 1 ? [bounds.from, bounds.to] : [bounds.to, bounds.from];
  const read = (window: Window, { limit: most, milliseconds }: ReadBounds) =>
    readInTime(milliseconds, () =>
      find(narrow(shape, path, line, within(window, bounds)), { limit: most, milliseconds }),
    );
  const key = mongo.BSON.EJSON.stringify([target.name, shape.sort, bounds.rest, edge === undefined]);
  const known = memory.find(key);
  if (known === 'whole') return find(shape, { limit });
  // Few documents are cheap to read as a whole, also on a busy machine, and windows would look for them everywhere.
  const patience = known === 'few' ? patienceWithKnownMilliseconds : patienceMilliseconds;
  const page = known === 'few' ? undefined : known;
  const whole = page || patience === 0 ? undefined : await read({}, { limit, milliseconds: patience });
  if (whole) return whole;

  const mayBeAbsent = !sorted.isRequired && edge === undefined && end === undefined;
  const absent = { filter: { $and: [shape.filter, { [path]: null }] }, sort: shape.sort };
  const found = mayBeAbsent && direction === 1 ? await find(absent, { limit }) : [];
  const isFull = () => found.length >= limit || options.budget?.isSpent === true;
  let [place, isVain, isComplete] = [edge, false, false];
  if (page && edge === undefined && !isFull()) {
    const reached = page.edge + direction * page.width;
    const window = cutWindow(undefined, reached, direction);
    const first = await read(window, {
      limit: limit - found.length,
      milliseconds: patienceMilliseconds > 0 ? patienceWithKnownMilliseconds : undefined,
    });
    if (first) {
      found.push(...first);
      place = reached;
      isComplete = end !== undefined && direction * (end - reached) <= 0;
    }
  }
  if (!isFull() && !isComplete) {
    const { target: likely, ...plan } = sorted.plan(limit);
    const more = await readInWindows({
      ...plan,
      ...(place === undefined ? { target: likely } : { start: place }),
      ...(page && { width: Math.max(plan.narrowest, page.width) }),
      ...(end !== undefined && { end }),
      isOpen: place === edge,
      direction,
      limit: limit - found.length,
      read,
      isFull: () => options.budget?.isSpent === true,
      onVain: () => void (isVain = true),
    });
    found.push(...more);
  }
  if (mayBeAbsent && direction === -1 && !isFull())
    found.push(...(await find(absent, { limit: limit - found.length })));

  const ends = [found[0], found.at(-1)].map((document) => line.numberOf(valueAtPath(document, path)));
  const [first, last] = ends;
  if (isVain) memory.keep(key, 'whole');
  else if (!isFull()) memory.keep(key, 'few');
  else if (first === undefined || last === undefined) memory.forget(key);
  else memory.keep(key, { edge: first, width: Math.abs(last - first) * 1.25 });
  return found;
}

/** A window without the sides that the filter bounds more narrowly. */
function within({ from, below }: Window, bounds: PathBounds): Window {
  return {
    ...(from !== undefined && !(bounds.from !== undefined && bounds.from >= from) && { from }),
    ...(below !== undefined && !(bounds.to !== undefined && bounds.to < below) && { below }),
  };
}

function narrow(shape: ResolvedShape, path: string, line: Line, { from, below }: Window): ResolvedShape {
  if (from === undefined && below === undefined) return shape;
  const range = {
    ...(from !== undefined && { $gte: line.valueAt(from) }),
    ...(below !== undefined && { $lt: line.valueAt(below) }),
  };
  return { filter: narrowFilter(shape.filter, path, range), sort: shape.sort };
}
