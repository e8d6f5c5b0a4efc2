import { mongo } from 'mongoose';

/**
 * Puts neighbours that the sort could not tell apart into the order of their `_id`.
 *
 * Orders as the server does; identifiers of different types stay as the server gave them.
 */
export function orderTies<T extends { _id: unknown }>(
  items: readonly T[],
  isTie: (left: T, right: T) => boolean,
  direction: 1 | -1,
): T[] {
  const ordered: T[] = [];
  let run: T[] = [];
  for (const item of items) {
    const [first] = run;
    if (first && !isTie(first, item)) {
      ordered.push(...sortRun(run, direction));
      run = [];
    }
    run.push(item);
  }
  return [...ordered, ...sortRun(run, direction)];
}

function sortRun<T extends { _id: unknown }>(run: T[], direction: 1 | -1): T[] {
  return run.length < 2 ? run : run.sort((left, right) => direction * compareIds(left._id, right._id));
}

function compareIds(left: unknown, right: unknown): number {
  if (left instanceof mongo.ObjectId && right instanceof mongo.ObjectId)
    return Buffer.compare(left.id, right.id);
  // By bytes, because JavaScript's own order of strings differs from the server's beyond U+FFFF.
  if (typeof left === 'string' && typeof right === 'string')
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return 0;
}
