import { defineQuery, withinTime, type EntityReference, type TimeRange } from '@infratraq/kernel';
import { EntityChangelog } from './entity-changelog.js';
import { given } from './given.js';

/** Conditions that narrow a listing of changes further, within what its index finds. */
export interface ChangeConditions {
  readonly entity_type?: string | undefined;
  readonly changed_by?: string | undefined;
  readonly cause_id?: string | undefined;
}

/** A row, or a whole table, whose changes are listed under the id `*`; a row's key may be that text, too. */
type ChangeSubject = EntityReference & { readonly of?: 'row' | 'table' | undefined };

/** Changes of whole tables besides their SNAPSHOT. */
const tableOperations = ['TRUNCATE', 'DROP', 'RENAME', 'ALTER', 'GAP'];

function tellApart(entity_id: string, of: 'row' | 'table' = 'row') {
  if (entity_id !== '*') return {};
  const [operation, new_value] =
    of === 'table'
      ? [{ $in: tableOperations }, null]
      : [{ $in: ['INSERT', 'UPDATE', 'DELETE'] }, { $ne: null }];
  return { $or: [{ operation }, { operation: 'SNAPSHOT', new_value }] };
}

/** Changes of one row, newest first. */
export const listChangesOfEntity = defineQuery(EntityChangelog, {
  example: { entity_type: 'projects', entity_id: '42' },
  shape: ({
    entity_type,
    entity_id,
    changed_by,
    cause_id,
    ...range
  }: EntityReference & ChangeConditions & TimeRange) => ({
    filter: {
      entity_type,
      entity_id,
      ...given({ changed_by, cause_id }),
      ...withinTime('changed_at', range),
    },
    sort: { changed_at: -1 },
  }),
});

/** Changes under a name of a table, between two places in the log. */
export interface NamedStretch {
  readonly entity_type: string;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

/** One row's changes under every name that its table had. */
export interface RowUnderNames {
  readonly entity_id: string;
  readonly stretches: readonly [NamedStretch, ...NamedStretch[]];
}

/** Changes of one row under every name of its table, newest first. */
export const listChangesUnderNames = defineQuery(EntityChangelog, {
  example: { entity_id: '42', stretches: [{ entity_type: 'projects' }] },
  shape: ({ field, ...row }: RowUnderNames & { field?: string | undefined } & TimeRange) => ({
    filter: {
      ...underNames(row),
      ...(field !== undefined && {
        $and: [{ $or: [{ changed_fields: field }, { uncertain_fields: field }] }],
      }),
      ...withinTime('changed_at', row),
    },
    sort: { changed_at: -1 },
  }),
});

/** The same parts for any number of names, so that a page's cursor outlives a renaming. */
function underNames({ entity_id, stretches }: RowUnderNames) {
  const [first, ...others] = stretches;
  return {
    entity_type: others.length === 0 ? first.entity_type : { $in: stretches.map((one) => one.entity_type) },
    entity_id,
    $or: stretches.map(({ entity_type, after, before }) => ({
      entity_type,
      ...((after ?? before) !== undefined && {
        _id: { ...(after !== undefined && { $gt: after }), ...(before !== undefined && { $lt: before }) },
      }),
    })),
  };
}

/** Changes of all rows of one type, newest first. */
export const listChangesOfType = defineQuery(EntityChangelog, {
  example: { entity_type: 'projects' },
  shape: ({ entity_type, ...range }: { entity_type: string } & TimeRange) => ({
    filter: { entity_type, ...withinTime('changed_at', range) },
    sort: { changed_at: -1 },
  }),
});

/** Changes that one person made, newest first. */
export const listChangesByUser = defineQuery(EntityChangelog, {
  example: { changed_by: 'u-engineer-1' },
  shape: ({
    changed_by,
    entity_type,
    ...range
  }: { changed_by: string; entity_type?: string | undefined } & TimeRange) => ({
    filter: { changed_by, ...given({ entity_type }), ...withinTime('changed_at', range) },
    sort: { changed_at: -1 },
  }),
});

/** All changes within a time, newest first. */
export const listChangesInTime = defineQuery(EntityChangelog, {
  example: { from: new Date('2026-01-01'), to: new Date('2026-02-01') },
  shape: (range: TimeRange) => ({ filter: withinTime('changed_at', range), sort: { changed_at: -1 } }),
});

/** Changes that follow from one request, in order. */
export const listChangesOfCause = defineQuery(EntityChangelog, {
  example: { cause_id: '00000000-0000-4000-8000-000000000000' },
  shape: ({
    cause_id,
    entity_type,
    changed_by,
    ...range
  }: { cause_id: string } & ChangeConditions & TimeRange) => ({
    filter: { cause_id, ...given({ entity_type, changed_by }), ...withinTime('changed_at', range) },
    sort: { changed_at: 1 },
  }),
});

/** Changes of one row (or, as `*`, of a whole table) until a time (inclusive), the last one first. */
export const listChangesUntil = defineQuery(EntityChangelog, {
  example: { entity_type: 'projects', entity_id: '42', at: new Date('2026-01-15') },
  shape: ({
    entity_type,
    entity_id,
    at,
    before,
    of,
  }: ChangeSubject & { at: Date; before?: string | undefined }) => ({
    filter: {
      entity_type,
      entity_id,
      ...tellApart(entity_id, of),
      changed_at: { $lte: at },
      ...(before !== undefined && { _id: { $lt: before } }),
    },
    sort: { changed_at: -1 },
  }),
});

/** Changes of one row (or, as `*`, of a whole table) after a time, the first one first. */
export const listChangesAfter = defineQuery(EntityChangelog, {
  example: { entity_type: 'projects', entity_id: '42', at: new Date('2026-01-15') },
  shape: ({
    entity_type,
    entity_id,
    at,
    after,
    of,
  }: ChangeSubject & { at: Date; after?: string | undefined }) => ({
    filter: {
      entity_type,
      entity_id,
      ...tellApart(entity_id, of),
      changed_at: { $gt: at },
      ...(after !== undefined && { _id: { $gt: after } }),
    },
    sort: { changed_at: 1 },
  }),
});

/** Changes of one row that committed at one instant, within a stretch of the log, in its order. */
export const listChangesAtInstant = defineQuery(EntityChangelog, {
  example: {
    entity_type: 'projects',
    entity_id: '42',
    at: new Date('2026-01-15'),
    after: 'main:0000000000000001:',
    before: 'main:0000000000000001;',
  },
  shape: ({
    entity_type,
    entity_id,
    at,
    after,
    before,
    of,
    newest_first,
  }: ChangeSubject & { at: Date; after: string; before: string; newest_first?: boolean }) => ({
    filter: {
      entity_type,
      entity_id,
      ...tellApart(entity_id, of),
      changed_at: at,
      _id: { $gt: after, $lt: before },
    },
    sort: { _id: newest_first ? -1 : 1 },
  }),
});

/** What became of a whole table, of some kinds, after a time and before a change in the log, the last one first. */
export const listTableEvents = defineQuery(EntityChangelog, {
  example: { entity_type: 'projects', operations: ['RENAME'], since: new Date('2026-01-15') },
  shape: ({
    entity_type,
    operations,
    since,
    after,
    before,
  }: {
    entity_type: string;
    operations: readonly string[];
    since?: Date | undefined;
    after?: string | undefined;
    before?: string | undefined;
  }) => ({
    filter: {
      entity_type,
      entity_id: '*',
      operation: { $in: operations },
      ...(since && { changed_at: { $gt: since } }),
      ...((after ?? before) !== undefined && {
        _id: { ...(after !== undefined && { $gt: after }), ...(before !== undefined && { $lt: before }) },
      }),
    },
    sort: { changed_at: -1 },
  }),
});

/** Changes of what a table's name means after a time, the first one first. */
export const listTableNamingsAfter = defineQuery(EntityChangelog, {
  example: { entity_type: 'projects', at: new Date('2026-01-15') },
  shape: ({ entity_type, at }: { entity_type: string; at: Date }) => ({
    filter: {
      entity_type,
      entity_id: '*',
      operation: { $in: ['RENAME', 'DROP'] },
      changed_at: { $gt: at },
    },
    sort: { changed_at: 1 },
  }),
});

/** All stretches of the log that were ever lost; there are few. */
export const listLostStretches = defineQuery(EntityChangelog, {
  example: {},
  shape: (_all: Record<never, never>) => ({
    filter: { entity_type: '*', entity_id: '*' },
    sort: { changed_at: -1 },
  }),
});
