import { InvalidInputError, type ServedQuery } from '@infratraq/kernel';
import mongoose, { type Model, type QueryFilter, type Require_id } from 'mongoose';
import type { ByteBudget } from './byte-budget.js';
import { isPlain } from './plain-object.js';

/** A document as it is stored: with its `_id`, whether or not the class declares one. */
export type Stored<T> = Require_id<T>;

/** A filter and an order in MongoDB's own terms. */
export interface ResolvedShape {
  readonly filter: Readonly<Record<string, unknown>>;
  readonly sort: Readonly<Record<string, 1 | -1 | { readonly $meta: 'textScore' }>>;
}

/**
 * Turns a served query and its parameters into filter and sort.
 * @throws InvalidInputError when a parameter is an operator object, which would change what the query asks
 */
export function resolveShape<T extends object, Parameters>(
  query: ServedQuery<T, Parameters>,
  parameters: Parameters,
): ResolvedShape {
  refuseOperators(parameters, 'parameters');
  const { filter, sort } = query.shape(parameters);
  return { filter, sort: (sort ?? {}) as ResolvedShape['sort'] };
}

/** Runs a filter that our own code wrote, so its operators are meant. */
export async function findDocuments<T extends object>(
  model: Model<T>,
  shape: ResolvedShape,
  options: Selection,
): Promise<Stored<T>[]> {
  const found = selectDocuments(model, shape, options).lean();
  const { budget } = options;
  if (!budget) return (await found.exec()) as unknown as Stored<T>[];
  return budget.take(found.cursor() as unknown as AsyncIterable<Stored<T>>);
}

/** How much of what a query matches is read. */
export interface Selection {
  readonly limit?: number | undefined;
  readonly skip?: number | undefined;
  /** The server stops the query after that time. */
  readonly milliseconds?: number | undefined;
  /** What is read of each document besides its `_id` and what it is sorted by; everything if not given. */
  readonly fields?: readonly string[] | undefined;
  /** What is left out of each document, and of which arrays only the last elements are read. */
  readonly content?: PageContent<never> | undefined;
  /** Reading ends with the first document that does not fit. */
  readonly budget?: ByteBudget | undefined;
}

/** What a list reads of each document; everything if not given. */
export interface PageContent<T extends object> {
  /** Fields that are not read. */
  readonly omit?: readonly (keyof T & string)[];
  /** The last elements that are read of an array, by its field. */
  readonly newest?: { readonly [Field in keyof T & string]?: number };
  /**
   * Names the list that a cursor belongs to, in the place of its filter: for a filter whose parts may change while
   * somebody reads on, such as the scopes of a user.
   */
  readonly list?: readonly unknown[];
}

/** The value that a document has at a path such as `place.site`. */
export function valueAtPath(document: object | undefined, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], document);
}

/** Prepares a query without running it. */
export function selectDocuments<T extends object>(
  model: Model<T>,
  { filter, sort }: ResolvedShape,
  { limit, skip, milliseconds, fields, content }: Selection,
) {
  const found = model.find(trustEach(filter) as QueryFilter<T>);
  if (Object.keys(sort).length > 0) found.sort(sort as Record<string, 1 | -1>);
  if (limit !== undefined) found.limit(limit);
  if (skip) found.skip(skip);
  if (milliseconds !== undefined) found.maxTimeMS(Math.ceil(milliseconds));
  if (fields) found.select([...fields, ...Object.keys(sort)]);
  if (content) found.select(projectionOf(content));
  return found;
}

function projectionOf({
  omit = [],
  newest = {},
}: PageContent<never>): Record<string, 0 | { $slice: number }> {
  const sliced = Object.entries(newest as Record<string, number>).map(
    ([path, count]) => [path, { $slice: -count }] as const,
  );
  return Object.fromEntries([...omit.map((path) => [path, 0] as const), ...sliced]);
}

/** Marks a filter that our own code wrote, so that its operators pass the connection's filter protection. */
export function trusted<Filter extends object>(filter: Filter): Filter {
  return mongoose.trusted(filter) as Filter;
}

function trustEach(filter: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(filter).map(([path, condition]) => [path, trustCondition(condition)]),
  );
}

// A copy is marked, because a query may give the same object each time and may have frozen it. Branches of $and and
// $or are marked one by one: Mongoose copies arrays without their marks.
function trustCondition(condition: unknown): unknown {
  if (Array.isArray(condition))
    return condition.map((branch) => (isPlain(branch) ? trustEach(branch) : branch));
  return isPlain(condition) ? trusted({ ...condition }) : condition;
}

function refuseOperators(value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null) return;
  if (value instanceof Date || ArrayBuffer.isView(value) || '_bsontype' in value) return;
  for (const [key, nested] of Object.entries(value)) {
    if (key.startsWith('$'))
      throw new InvalidInputError(`${path} must be a plain value, not an object with ${key}`, {
        code: 'input.operator',
      });
    refuseOperators(nested, `${path}.${key}`);
  }
}
