import { defineQuery } from '@infratraq/kernel';
import { DashboardLayout, type LayoutShare } from './dashboard-layout.js';

/** One user's arrangement of one dashboard. */
export const findLayout = defineQuery(DashboardLayout, {
  example: { user_id: 'u-engineer-1', dashboard_id: 'portfolio' },
  shape: ({ user_id, dashboard_id }: { user_id: string; dashboard_id: string }) => ({
    filter: { user_id, dashboard_id },
  }),
});

/** The layouts of one user, by dashboard. */
export const listLayoutsOfUser = defineQuery(DashboardLayout, {
  example: { user_id: 'u-engineer-1' },
  shape: ({ user_id }: { user_id: string }) => ({ filter: { user_id }, sort: { dashboard_id: 1 } }),
});

/** Layouts, or templates, that are shared with any of these users, roles and organisations. */
export const listSharedLayouts = defineQuery(DashboardLayout, {
  example: { readers: [{ kind: 'role', id: 'operator' }], is_template: true },
  shape: ({
    readers,
    is_template,
  }: {
    readers: Pick<LayoutShare, 'kind' | 'id'>[];
    is_template: boolean;
  }) => ({
    filter: {
      // Not every engine finds the index for an $elemMatch, and only that joins id and kind.
      'shared_with.id': { $in: readers.map(({ id }) => id) },
      is_template,
      $or: readers.map(({ kind, id }) => ({ shared_with: { $elemMatch: { id, kind } } })),
    },
  }),
});
