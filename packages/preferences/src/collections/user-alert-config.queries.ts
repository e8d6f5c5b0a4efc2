import { defineQuery } from '@infratraq/kernel';
import { UserAlertConfig } from './user-alert-config.js';

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
