import { policyOf, type DocumentClass } from '@infratraq/kernel';
import type { Model } from 'mongoose';
import type { ResolvedShape } from '../run-query.js';
import { numberLine, objectIdLine, timeLine, type Line } from './line.js';
import type { WindowedRead } from './read-in-windows.js';

const dayMilliseconds = 86_400_000;
/** How far back windows reach before the last one takes the rest. */
const expectedAgeDays = 20 * 366;

/** The first sort key of a query, on which windows can be cut. */
export interface SortedLine {
  readonly path: string;
  readonly direction: 1 | -1;
  readonly line: Line;
  /** Whether every document has a value there. */
  readonly isRequired: boolean;
  /** Where reading begins when nothing is known of the documents, and how wide the first window is for a limit. */
  plan(limit: number): Pick<WindowedRead<never>, 'start' | 'target' | 'end' | 'width' | 'narrowest'>;
}

/** Finds the line that a query is sorted by; undefined where no windows can be cut. */
export function findSortedLine<T extends object>(
  model: Model<T>,
  target: DocumentClass<T>,
  { filter, sort }: ResolvedShape,
): SortedLine | undefined {
  const [path, direction] = Object.entries(sort)[0] ?? [];
  if (path === undefined || typeof direction !== 'number' || '$text' in filter) return undefined;
  const type = model.schema.path(path) as { instance?: string; isRequired?: boolean } | undefined;
  const isRequired = path === '_id' || type?.isRequired === true;
  const { documentsPerDay } = policyOf(target).growth;
  const describe = (line: Line, plan: SortedLine['plan']) => ({ path, direction, line, isRequired, plan });
  const now = Date.now();
  switch (type?.instance) {
    case 'Date':
      return describe(timeLine, planTime(now, dayMilliseconds, documentsPerDay, direction));
    case 'ObjectId':
      if (path !== '_id') return undefined;
      return describe(
        objectIdLine,
        planTime(now / 1_000, dayMilliseconds / 1_000, documentsPerDay, direction),
      );
    case 'Number':
      return describe(numberLine, planNumbers(direction));
    default:
      return undefined;
  }
}

function planTime(now: number, day: number, documentsPerDay: number, direction: 1 | -1): SortedLine['plan'] {
  const oldest = now - expectedAgeDays * day;
  return (limit) => ({
    ...(direction === 1 ? { start: oldest, target: now, end: now } : { start: now, end: oldest }),
    // Twice as long as it takes, by the policy's estimate, until that many documents have come.
    width: Math.min(30 * day, Math.max(day / 86_400, ((2 * limit) / documentsPerDay) * day)),
    narrowest: 1,
  });
}

function planNumbers(direction: 1 | -1): SortedLine['plan'] {
  const most = Number.MAX_SAFE_INTEGER;
  return (limit) => ({
    ...(direction === 1 ? { start: 0, end: most } : { start: most, target: 0, end: 0 }),
    width: 2 * limit,
    narrowest: 1,
  });
}
