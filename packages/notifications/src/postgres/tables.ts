import type { CreatedAt, Defaulted } from '@infratraq/postgres';
import type { ColumnType, Generated } from 'kysely';

export interface DeviceRegistrationTable {
  device_id: Generated<string>;
  user_id: string;
  platform: 'web' | 'android' | 'ios';
  /** What the push provider needs: an FCM token, or a web push subscription with its keys. */
  push_target: ColumnType<unknown, string, string>;
  status: Defaulted<'active' | 'expired'>;
  registered_at: CreatedAt;
  last_seen_at: Defaulted<Date>;
}

export interface GroupTable {
  group_id: string;
  title: string;
  created_at: CreatedAt;
}

export interface GroupMemberTable {
  group_id: string;
  user_id: string;
  joined_at: CreatedAt;
}

export interface EntityFollowerTable {
  entity_type: string;
  entity_id: string;
  user_id: string;
  followed_at: CreatedAt;
}

/** The tables of notifications that are asked by query builder. */
export interface NotificationTables {
  'infratraq.device_registrations': DeviceRegistrationTable;
  'infratraq.groups': GroupTable;
  'infratraq.group_members': GroupMemberTable;
  'infratraq.entity_followers': EntityFollowerTable;
}
