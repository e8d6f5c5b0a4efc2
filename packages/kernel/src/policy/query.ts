import type { DocumentClass } from './collection.js';
import type { FieldPath } from './field-path.js';

/** What MongoDB is asked: a filter, an order, and, for text search, the score that orders it. */
export interface QueryShape<T> {
  readonly filter: { readonly [Path in FieldPath<T> | '_id' | '$text' | '$or' | '$and']?: unknown };
  readonly sort?: {
    readonly [Path in FieldPath<T> | '_id' | 'score']?: 1 | -1 | { readonly $meta: 'textScore' };
  };
}

/** A named query of a package: indexes say that they serve it, the conformance suite explains it. */
export interface ServedQuery<T extends object, Parameters> {
  readonly collection: DocumentClass<T>;
  /** Parameters as a caller would give them; the conformance suite explains the query with these. */
  readonly example: Parameters;
  readonly shape: (parameters: Parameters) => QueryShape<T>;
}

/**
 * Declares a query.
 *
 * @example
 * ```ts
 * export const listChangesOfEntity = defineQuery(EntityChangelog, {
 *   example: { entity_type: 'project', entity_id: '42' },
 *   shape: ({ entity_type, entity_id }: EntityReference) => ({
 *     filter: { entity_type, entity_id },
 *     sort: { changed_at: -1 },
 *   }),
 * });
 * ```
 */
export function defineQuery<T extends object, Parameters>(
  collection: DocumentClass<T>,
  // The example must not narrow the parameters: optional ones may be missing from it.
  query: Omit<ServedQuery<T, Parameters>, 'collection' | 'example'> & {
    readonly example: NoInfer<Parameters>;
  },
): ServedQuery<T, Parameters> {
  return Object.freeze({ collection, ...query });
}

/** Tells whether a value is a served query. */
export function isServedQuery(value: unknown): value is ServedQuery<object, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'collection' in value &&
    'example' in value &&
    'shape' in value
  );
}

/** Any row in PostgreSQL, or any other thing that documents are about. */
export interface EntityReference {
  readonly entity_type: string;
  readonly entity_id: string;
}

/** From (inclusive) to (exclusive). */
export interface TimeRange {
  readonly from?: Date;
  readonly to?: Date;
}

/** The condition that a time range puts on a field, or nothing when the range is open at both ends. */
export function withinTime<Field extends string>(
  field: Field,
  { from, to }: TimeRange,
): { [Key in Field]?: { $gte?: Date; $lt?: Date } } {
  if (!from && !to) return {};
  return { [field]: { ...(from && { $gte: from }), ...(to && { $lt: to }) } } as {
    [Key in Field]?: { $gte?: Date; $lt?: Date };
  };
}
