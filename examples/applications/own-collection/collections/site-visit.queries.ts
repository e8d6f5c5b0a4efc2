import { defineQuery } from '@infratraq/kernel';
import { SiteVisit } from './site-visit.js';

/** The visits to a site, latest first. */
export const listVisitsToSite = defineQuery(SiteVisit, {
  example: { site: 'bridge-7' },
  shape: ({ site }: { site: string }) => ({ filter: { site }, sort: { arrived_at: -1 } }),
});
