import type { Line } from './line.js';

/** Bounds that a filter puts on one path, and the filter's other conditions. */
export interface PathBounds {
  readonly from?: number;
  readonly to?: number;
  /** Whether a condition other than a range stands on the path; windows don't help then. */
  readonly isFixed: boolean;
  /** The filter without the bounds' values, so that pages of one list have it in common. */
  readonly rest: unknown;
}

const edges = ['$gt', '$gte', '$lt', '$lte'] as const;

/** Finds what range a filter leaves of a line, in its own conditions and in those of its `$and`. */
export function boundsOfFilter(
  filter: Readonly<Record<string, unknown>>,
  path: string,
  line: Line,
): PathBounds {
  let [from, to, isFixed] = [-Infinity, Infinity, false];
  const strip = (part: Readonly<Record<string, unknown>>): unknown =>
    Object.entries(part).map(([key, condition]) => {
      if (key === '$and' && Array.isArray(condition))
        return [key, condition.map((branch) => strip(branch as Readonly<Record<string, unknown>>))];
      if (key !== path) return [key, condition];
      if (!isRange(condition)) {
        isFixed = true;
        return [key, condition];
      }
      for (const edge of edges) {
        const number = line.numberOf(condition[edge]);
        if (number === undefined) continue;
        if (edge.startsWith('$g')) from = Math.max(from, number);
        else to = Math.min(to, number);
      }
      return [key, Object.keys(condition)];
    });
  const rest = strip(filter);
  return { ...(from > -Infinity && { from }), ...(to < Infinity && { to }), isFixed, rest };
}

function isRange(condition: unknown): condition is Readonly<Record<string, unknown>> {
  if (typeof condition !== 'object' || condition === null) return false;
  if (Object.getPrototypeOf(condition) !== Object.prototype) return false;
  return Object.keys(condition).every((key) => [...edges, '$exists', '$ne'].includes(key));
}
