import { defineQuery } from '@infratraq/kernel';
import { ReportCache } from './report-cache.js';

const exampleHash = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';

/** The stored output for one cache key, fresh or not. */
export const findCachedReport = defineQuery(ReportCache, {
  example: { cache_key: exampleHash },
  shape: ({ cache_key }: { cache_key: string }) => ({ filter: { cache_key } }),
});

/** Stored outputs of one report type, newest first. */
export const listCachedReportsOfType = defineQuery(ReportCache, {
  example: { report_type: 'project_progress' },
  shape: ({ report_type }: { report_type: string }) => ({
    filter: { report_type },
    sort: { created_at: -1 },
  }),
});

/** Stored outputs that were computed from one kind of entity. */
export const listCachedReportsOnEntityType = defineQuery(ReportCache, {
  example: { entity_type: 'projects' },
  shape: ({ entity_type }: { entity_type: string }) => ({ filter: { source_entity_types: entity_type } }),
});
