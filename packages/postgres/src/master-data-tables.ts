import type { ColumnType, Generated } from 'kysely';

/** A column that the database fills in when it is left out. */
type Defaulted<Value> = ColumnType<Value, Value | undefined, Value>;
type Optional<Value> = ColumnType<Value | null, Value | null | undefined, Value | null>;
type CreatedAt = ColumnType<Date, Date | undefined, never>;

export interface UserTable {
  user_id: string;
  email: string | null;
  display_name: string;
  roles: Defaulted<string[]>;
  status: Defaulted<'active' | 'suspended' | 'departed'>;
  organisation_id: Defaulted<string | null>;
  /** E.164. */
  phone: Optional<string>;
  /** The address that no longer takes messages; another one is used again. */
  retired_email: Optional<string>;
  retired_phone: Optional<string>;
  created_at: CreatedAt;
  updated_at: Defaulted<Date>;
}

export interface OrganisationMasterTable {
  organisation_id: string;
  name: string;
  created_at: CreatedAt;
}

export interface OrganisationPreferencesTable {
  organisation_id: string;
  /** Version of the settings' shape. */
  schema_version: number;
  /** Counts writes from 1. */
  version: number;
  settings: ColumnType<object, string, string>;
  updated_at: Defaulted<Date>;
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

export interface ChannelTable {
  /** Readable (`project:42`) where an entity has one channel, else a UUID. */
  channel_id: string;
  entity_type: string | null;
  entity_id: string | null;
  title: string;
  kind: Defaulted<'entity' | 'group' | 'direct'>;
  created_at: CreatedAt;
  /** How long a member waits between two messages; null for no wait. */
  slow_mode_seconds: number | null;
  /** After how many days messages are cut from the beginning; null keeps them as long as the store does. */
  retention_days: number | null;
}

export interface ChannelMemberTable {
  channel_id: string;
  user_id: string;
  role: Defaulted<'owner' | 'member' | 'reader'>;
  joined_at: CreatedAt;
  /** Messages before this time stay hidden from the member; null shows all. */
  history_from: Date | null;
}

export interface WebhookEndpointTable {
  endpoint_id: Generated<string>;
  url: string;
  description: string | null;
  events: string[];
  secret_encrypted: Buffer;
  status: Defaulted<'active' | 'paused' | 'disabled'>;
  created_by: string;
  created_at: CreatedAt;
}

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

export interface ApiKeyTable {
  api_key_id: Generated<string>;
  /** The first characters, shown to people so that they can tell keys apart. */
  prefix: string;
  /** SHA-256 of the key; the key itself is shown once and never stored. */
  key_hash: Buffer;
  owner_id: string;
  roles: Defaulted<string[]>;
  expires_at: Date | null;
  revoked_at: Date | null;
  created_at: CreatedAt;
}

export interface CollectionStateTable {
  collection_name: string;
  state: string;
  since: Defaulted<Date>;
}

export interface CollectionStateTransitionTable {
  transition_id: Generated<string>;
  collection_name: string;
  from_state: string;
  to_state: string;
  changed_by: string;
  changed_at: CreatedAt;
  reason: string | null;
  cause_id: string | null;
}

export interface SensitiveFieldTable {
  /** As changes name it: with its schema, unless that is `public`. */
  table_name: string;
  column_name: string;
  masking: Defaulted<'partial' | 'digest' | 'full'>;
  reason: string;
  declared_at: CreatedAt;
}

/** The master data that the document store's domains need, by qualified table name. */
export interface MasterDataTables {
  'infratraq.users': UserTable;
  'infratraq.organisations': OrganisationMasterTable;
  'infratraq.organisation_preferences': OrganisationPreferencesTable;
  'infratraq.channels': ChannelTable;
  'infratraq.channel_members': ChannelMemberTable;
  'infratraq.webhook_endpoints': WebhookEndpointTable;
  'infratraq.device_registrations': DeviceRegistrationTable;
  'infratraq.api_keys': ApiKeyTable;
  'infratraq.groups': GroupTable;
  'infratraq.group_members': GroupMemberTable;
  'infratraq.entity_followers': EntityFollowerTable;
  'infratraq.collection_state': CollectionStateTable;
  'infratraq.collection_state_transition': CollectionStateTransitionTable;
  'infratraq.sensitive_fields': SensitiveFieldTable;
}
