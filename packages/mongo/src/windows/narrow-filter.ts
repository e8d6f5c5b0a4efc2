import { isPlain } from '../plain-object.js';

type Filter = Readonly<Record<string, unknown>>;

/**
 * Adds a range on a path to a filter that leaves at least that range. The result states each path once where it can:
 * planners that know little read bounds from there, and none from beneath an `$and` with an empty branch.
 */
export function narrowFilter(filter: Filter, path: string, range: { $gte?: unknown; $lt?: unknown }): Filter {
  const merged: Record<string, unknown> = {};
  const others: Filter[] = [];
  for (const part of listParts(filter)) {
    const clashes = Object.keys(part).some(
      (key) => Object.hasOwn(merged, key) && !(key === path && isPlain(part[key])),
    );
    if (clashes || !mergePath(merged, part, path)) others.push(part);
  }
  const { [path]: known } = merged;
  const narrowed = isPlain(known) ? { ...known } : {};
  if ('$gte' in range) delete narrowed['$gt'];
  if ('$lt' in range) delete narrowed['$lte'];
  merged[path] = { ...narrowed, ...range };
  return others.length === 0 ? merged : { ...merged, $and: others };
}

function listParts(filter: Filter): Filter[] {
  const { $and: branches, ...own } = filter;
  const nested = Array.isArray(branches) ? branches.flatMap((branch) => listParts(branch as Filter)) : [];
  return [own, ...nested].filter((part) => Object.keys(part).length > 0);
}

/** Tells whether the conditions could be joined: two that bound the same side of the path cannot. */
function mergePath(merged: Record<string, unknown>, part: Filter, path: string): boolean {
  const { [path]: known } = merged;
  const { [path]: added } = part;
  if (known !== undefined && added !== undefined) {
    if (!isPlain(known) || !isPlain(added)) return false;
    if (Object.keys(added).some((operator) => Object.hasOwn(known, operator))) return false;
    Object.assign(merged, part, { [path]: { ...known, ...added } });
  } else Object.assign(merged, part);
  return true;
}
