import { defineQuery } from '@infratraq/kernel';
import { ArchiveManifest, type SegmentState } from './archive-manifest.js';

/** Segments of a collection, in order, after a place in it or from the beginning. */
export const listSegments = defineQuery(ArchiveManifest, {
  example: { collection_name: 'entity_changelog' },
  shape: ({ collection_name, after }: { collection_name: string; after?: number }) => ({
    filter: { collection_name, ...(after !== undefined && { sequence: { $gt: after } }) },
    sort: { sequence: 1 },
  }),
});

/** Segments of a collection that hold documents from `from` (inclusive) to `to` (exclusive), oldest first. */
export const listSegmentsInTime = defineQuery(ArchiveManifest, {
  example: {
    collection_name: 'entity_changelog',
    from: new Date('2026-01-01'),
    to: new Date('2026-02-01'),
  },
  shape: ({ collection_name, from, to }: { collection_name: string; from: Date; to: Date }) => ({
    filter: { collection_name, range_from: { $lt: to }, range_to: { $gt: from } },
    sort: { range_from: 1 },
  }),
});

/** Segments that wait for their next step, oldest first. */
export const listSegmentsInState = defineQuery(ArchiveManifest, {
  example: { state: 'uploaded' as SegmentState },
  shape: ({ state }: { state: SegmentState }) => ({ filter: { state }, sort: { created_at: 1 } }),
});
