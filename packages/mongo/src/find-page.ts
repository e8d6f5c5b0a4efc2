import { InvalidInputError, policyOf, type ServedQuery } from '@infratraq/kernel';
import { mongo } from 'mongoose';
import { ByteBudget, countBytes } from './byte-budget.js';
import { createCursors, type Cursors, type Position } from './cursor.js';
import { orderTies } from './order-ties.js';
import type { FindDocuments } from './find-documents.js';
import { resolveShape, valueAtPath, type PageContent, type ResolvedShape, type Stored } from './run-query.js';

/**
 * A part of a longer list; `next_cursor` is null on the last one. A page of large documents has fewer items than asked
 * for, but never none while there are some.
 */
export interface Page<T> {
  readonly items: T[];
  readonly next_cursor: string | null;
}

/** Which part of a list is asked for. */
export interface PageRequest {
  /** The `next_cursor` of the page before; absent for the first page. */
  readonly cursor?: string | undefined;
  /**
   * From 1 to 1000.
   * @default 50
   */
  readonly limit?: number | undefined;
}

/** How pages are read. */
export interface PageSettings {
  /** Signs cursors. */
  readonly secret: string;
  /** The most bytes of documents that a page holds, unless its first document is larger. */
  readonly bytes: number;
}

/** Where to look on: equality on the leading sort keys, then what lies beyond one more. */
type Segment = Readonly<Record<string, unknown>>;

/**
 * Reads one page by the position of the last document, so that a page costs the same however far down it is.
 *
 * `_id` breaks ties in the direction of the last sort key, but is not added to the sort: no index that serves a query
 * ends in it, and the server would sort everything that matches. Only a run of equal documents that a page cuts in two
 * is read by `_id`; those that lie within a page are put in order here.
 */
export async function findPage<T extends object, Parameters>(
  find: FindDocuments<T>,
  query: ServedQuery<T, Parameters>,
  parameters: Parameters,
  { cursor, limit = 50 }: PageRequest,
  { secret, bytes, content }: PageSettings & { readonly content?: PageContent<T> | undefined },
): Promise<Page<Stored<T>>> {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 1_000)
    throw new InvalidInputError('The limit is a whole number from 1 to 1000', { code: 'limit.invalid' });
  const resolved = resolveShape(query, parameters);
  const shape = Object.keys(resolved.sort).length > 0 ? resolved : { ...resolved, sort: { _id: 1 } as const };
  const { name } = policyOf(query.collection);
  const cursors = content?.list
    ? createCursors(secret, [name, content.list], { ...shape, filter: {} })
    : createCursors(secret, name, shape);
  const position = cursor === undefined ? undefined : cursors.read(cursor);
  const read: FindDocuments<T> = (one, selection) =>
    find(one, { ...selection, content: content as PageContent<never> | undefined });
  if (Object.values(shape.sort).some((direction) => typeof direction === 'object'))
    return findScoredPage(read, { shape, position, limit, bytes, cursors });

  const budget = new ByteBudget(bytes);
  const found = await findBeyond(read, shape, position, limit + 1, budget);
  const items = orderTies(
    found,
    (left, right) => sameValues(valuesOf(left, shape), valuesOf(right, shape)),
    tieDirection(shape),
  );
  if (items.length <= limit && !budget.isSpent) return { items, next_cursor: null };
  const next = items.pop();
  const values = valuesOf(items.at(-1), shape);
  const tied = sameValues(values, valuesOf(next, shape));
  if (!tied) return { items, next_cursor: cursors.write({ values }) };

  const start = items.findIndex((item) => sameValues(valuesOf(item, shape), values));
  const before = items.slice(0, start);
  const after = position?.id !== undefined && sameValues(position.values, values) ? position.id : undefined;
  const rest = new ByteBudget(bytes - countBytes(before), { admitsFirst: start === 0 });
  const run = await read(tieShape(shape, values, after), { limit: items.length - start, budget: rest });
  if (rest.isSpent) run.pop();
  if (run.length === 0 && start > 0)
    return { items: before, next_cursor: cursors.write({ values: valuesOf(before.at(-1), shape) }) };
  const id = (run.at(-1) ?? items.at(-1))?._id;
  return { items: [...before, ...run], next_cursor: cursors.write({ values, id }) };
}

async function findBeyond<T extends object>(
  find: FindDocuments<T>,
  shape: ResolvedShape,
  position: Position | undefined,
  limit: number,
  budget: ByteBudget,
): Promise<Stored<T>[]> {
  if (!position) return find(shape, { limit, budget });
  const found: Stored<T>[] = [];
  if (position.id !== undefined)
    found.push(...(await find(tieShape(shape, position.values, position.id), { limit, budget })));
  for (const segment of segmentsBeyond(shape, position.values)) {
    if (found.length >= limit || budget.isSpent) break;
    const narrowed = { filter: { $and: [shape.filter, segment] }, sort: shape.sort };
    found.push(...(await find(narrowed, { limit: limit - found.length, budget })));
  }
  return found;
}

/** Contiguous stretches that follow a position in the sort order, nearest first. */
function segmentsBeyond({ sort }: ResolvedShape, values: readonly unknown[]): Segment[] {
  const keys = Object.entries(sort);
  const segments: Segment[] = [];
  for (let depth = keys.length - 1; depth >= 0; depth -= 1) {
    const [path, direction] = keys[depth] as [string, 1 | -1];
    const equal = Object.fromEntries(keys.slice(0, depth).map(([key], place) => [key, values[place]]));
    const value = values[depth] ?? null;
    // Comparison never crosses types, so a missing value, which sorts first, needs stretches of its own.
    if (value === null) {
      if (direction === 1) segments.push({ ...equal, [path]: { $ne: null } });
    } else {
      segments.push({ ...equal, [path]: direction === 1 ? { $gt: value } : { $lt: value } });
      if (direction === -1) segments.push({ ...equal, [path]: null });
    }
  }
  return segments;
}

function tieShape(shape: ResolvedShape, values: readonly unknown[], after: unknown): ResolvedShape {
  const equal = Object.fromEntries(
    Object.keys(shape.sort).map((path, place) => [path, values[place] ?? null]),
  );
  const direction = tieDirection(shape);
  const rest = after === undefined ? [] : [{ _id: direction === 1 ? { $gt: after } : { $lt: after } }];
  return { filter: { $and: [shape.filter, equal, ...rest] }, sort: { _id: direction } };
}

function tieDirection({ sort }: ResolvedShape): 1 | -1 {
  return Object.values(sort).at(-1) === -1 ? -1 : 1;
}

// A text score cannot be filtered by, so its pages count from the top.
async function findScoredPage<T extends object>(
  find: FindDocuments<T>,
  asked: {
    readonly shape: ResolvedShape;
    readonly position: Position | undefined;
    readonly limit: number;
    readonly bytes: number;
    readonly cursors: Cursors;
  },
): Promise<Page<Stored<T>>> {
  const { shape, position, limit, bytes, cursors } = asked;
  const skip = typeof position?.values[0] === 'number' ? position.values[0] : 0;
  const budget = new ByteBudget(bytes);
  const items = await find(shape, { limit: limit + 1, skip, budget });
  if (items.length <= limit && !budget.isSpent) return { items, next_cursor: null };
  items.pop();
  return { items, next_cursor: cursors.write({ values: [skip + items.length] }) };
}

function valuesOf(document: object | undefined, { sort }: ResolvedShape): unknown[] {
  return Object.keys(sort).map((path) => valueAtPath(document, path) ?? null);
}

function sameValues(left: readonly unknown[], right: readonly unknown[]): boolean {
  return mongo.BSON.EJSON.stringify(left) === mongo.BSON.EJSON.stringify(right);
}
