import { defineQuery } from '@infratraq/kernel';
import { UserPreference } from './user-preference.js';

/** The settings of one user. */
export const findPreferences = defineQuery(UserPreference, {
  example: { user_id: 'u-engineer-1' },
  shape: ({ user_id }: { user_id: string }) => ({ filter: { user_id } }),
});

/** The settings of several users. */
export const listPreferences = defineQuery(UserPreference, {
  example: { user_ids: ['u-engineer-1', 'u-engineer-2'] },
  shape: ({ user_ids }: { user_ids: string[] }) => ({ filter: { user_id: { $in: user_ids } } }),
});
