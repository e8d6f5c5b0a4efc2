import { defineQuery, type EntityReference } from '@infratraq/kernel';
import { DashboardLayout } from './dashboard-layout.js';
import type { LayoutReader } from './layout-access.js';
import { UserAlertConfig } from './user-alert-config.js';
import { UserFavorite, type FavoriteKind } from './user-favorite.js';
import { UserPreference } from './user-preference.js';

/** The settings of one user. */
export const findPreferences = defineQuery(UserPreference, {
  example: { user_id: 'u-engineer-1' },
  shape: ({ user_id }: { user_id: string }) => ({ filter: { user_id } }),
});

/** One user's arrangement of one dashboard. */
export const findLayout = defineQuery(DashboardLayout, {
  example: { user_id: 'u-engineer-1', dashboard_id: 'portfolio' },
  shape: ({ user_id, dashboard_id }: { user_id: string; dashboard_id: string }) => ({
    filter: { user_id, dashboard_id },
  }),
});

/** The settings of several users. */
export const listPreferences = defineQuery(UserPreference, {
  example: { user_ids: ['u-engineer-1', 'u-engineer-2'] },
  shape: ({ user_ids }: { user_ids: string[] }) => ({ filter: { user_id: { $in: user_ids } } }),
});

/** The layouts of one user, by dashboard. */
export const listLayoutsOfUser = defineQuery(DashboardLayout, {
  example: { user_id: 'u-engineer-1' },
  shape: ({ user_id }: { user_id: string }) => ({ filter: { user_id }, sort: { dashboard_id: 1 } }),
});

/** Layouts, or templates, that are shared with any of these users, roles and organisations. */
export const listSharedLayouts = defineQuery(DashboardLayout, {
  example: { readers: [{ kind: 'role', id: 'operator' }], is_template: true },
  shape: ({ readers, is_template }: { readers: LayoutReader[]; is_template: boolean }) => ({
    filter: {
      // Not every engine finds the index for an $elemMatch, and only that joins id and kind.
      'shared_with.id': { $in: readers.map(({ id }) => id) },
      is_template,
      $or: readers.map(({ kind, id }) => ({ shared_with: { $elemMatch: { id, kind } } })),
    },
  }),
});

/** One favourite of a user. */
export const findFavorite = defineQuery(UserFavorite, {
  example: { user_id: 'u-engineer-1', kind: 'pinned', entity_type: 'reports', entity_id: 'project_progress' },
  shape: ({
    user_id,
    kind,
    entity_type,
    entity_id,
  }: { user_id: string; kind: FavoriteKind } & EntityReference) => ({
    filter: { user_id, kind, entity_type, entity_id },
  }),
});

/** One kind of a user's favourites, the last used first. */
export const listFavorites = defineQuery(UserFavorite, {
  example: { user_id: 'u-engineer-1', kind: 'recent' },
  shape: ({ user_id, kind }: { user_id: string; kind: FavoriteKind }) => ({
    filter: { user_id, kind },
    sort: { last_used_at: -1 },
  }),
});

/** The alerts that a user has configured, by name. */
export const listAlertConfigs = defineQuery(UserAlertConfig, {
  example: { user_id: 'u-engineer-1' },
  shape: ({ user_id }: { user_id: string }) => ({ filter: { user_id }, sort: { name: 1 } }),
});

/** Alerts that are to be looked at by a time, the longest due first. */
export const listDueAlerts = defineQuery(UserAlertConfig, {
  example: { by: new Date('2026-01-05') },
  shape: ({ by }: { by: Date }) => ({
    filter: { 'evaluation.due_at': { $lte: by } },
    sort: { 'evaluation.due_at': 1 },
  }),
});

/** Enabled alerts on any of these types and ids, those on every entity of a type included. */
export const listEntityAlerts = defineQuery(UserAlertConfig, {
  example: { entity_types: ['work_orders'], entity_ids: ['42', '43'] },
  shape: ({ entity_types, entity_ids }: { entity_types: string[]; entity_ids: string[] }) => ({
    filter: {
      entity_type: { $in: entity_types },
      entity_id: { $in: [...entity_ids, null] },
      enabled: true,
      kind: 'entity',
    },
  }),
});
