import { defineQuery, withinTime, type EntityReference, type TimeRange } from '@infratraq/kernel';
import { EntityChangelog } from './entity-changelog.js';
import { given } from './given.js';

/** Conditions that narrow a listing of changes further, within what its index finds. */
export interface ChangeConditions {
  readonly entity_type?: string | undefined;
  readonly changed_by?: string | undefined;
  readonly cause_id?: string | undefined;
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

/** Changes of one row until a time (inclusive), the last one first. */
export const listChangesUntil = defineQuery(EntityChangelog, {
  example: { entity_type: 'projects', entity_id: '42', at: new Date('2026-01-15') },
  shape: ({ entity_type, entity_id, at }: EntityReference & { at: Date }) => ({
    filter: { entity_type, entity_id, changed_at: { $lte: at } },
    sort: { changed_at: -1 },
  }),
});

/** Changes of one row after a time, the first one first. */
export const listChangesAfter = defineQuery(EntityChangelog, {
  example: { entity_type: 'projects', entity_id: '42', at: new Date('2026-01-15') },
  shape: ({ entity_type, entity_id, at }: EntityReference & { at: Date }) => ({
    filter: { entity_type, entity_id, changed_at: { $gt: at } },
    sort: { changed_at: 1 },
  }),
});

/** Gaps in what is known of a table (of all tables: `*`) after a time, the first one first. */
export const listGapsAfter = defineQuery(EntityChangelog, {
  example: { entity_type: 'projects', at: new Date('2026-01-15') },
  shape: ({ entity_type, at }: { entity_type: string; at: Date }) => ({
    filter: { entity_type, entity_id: '*', operation: 'GAP', changed_at: { $gt: at } },
    sort: { changed_at: 1 },
  }),
});

/** Changes of one row that committed within one millisecond; their ids sort in the order of commit. */
export const listChangesAtInstant = defineQuery(EntityChangelog, {
  example: { entity_type: 'projects', entity_id: '42', at: new Date('2026-01-15'), newest_first: true },
  shape: ({
    entity_type,
    entity_id,
    at,
    newest_first,
  }: EntityReference & { at: Date; newest_first: boolean }) => ({
    filter: { entity_type, entity_id, changed_at: at },
    sort: { _id: newest_first ? -1 : 1 },
  }),
});

/** Changes of one row in which a column changed, newest first. */
export const listChangesOfField = defineQuery(EntityChangelog, {
  example: { entity_type: 'projects', entity_id: '42', field: 'status' },
  shape: ({ entity_type, entity_id, field, ...range }: EntityReference & { field: string } & TimeRange) => ({
    filter: { entity_type, entity_id, changed_fields: field, ...withinTime('changed_at', range) },
    sort: { changed_at: -1 },
  }),
});
