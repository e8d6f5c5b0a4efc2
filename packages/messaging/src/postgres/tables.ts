import type { CreatedAt, Defaulted } from '@infratraq/postgres';
import type { ChannelRole } from '../chat/membership.js';

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
  created_by: string | null;
  /** The creator's key: a repeated creation answers the channel that stands. */
  client_channel_id: string | null;
  /** Of the creation's input; another input under the same key is refused. */
  fingerprint: string | null;
  /** The two users of a direct channel, so that they have one. */
  direct_key: string | null;
  /** Read-only since then; null while it is in use. */
  archived_at: Date | null;
  /** Everybody who may see the entity is a member. */
  members_by_scope: Defaulted<boolean>;
  /** Scopes of the entity, by which the channel is listed. */
  scopes: Defaulted<string[]>;
}

export interface ChannelMemberTable {
  channel_id: string;
  user_id: string;
  role: Defaulted<ChannelRole>;
  joined_at: CreatedAt;
  /** Messages before this time stay hidden from the member; null shows all. */
  history_from: Date | null;
}

export interface ChannelMuteTable {
  channel_id: string;
  user_id: string;
  muted_at: CreatedAt;
}

/** The tables of messaging that are asked by query builder. */
export interface MessagingTables {
  'infratraq.channels': ChannelTable;
  'infratraq.channel_members': ChannelMemberTable;
  'infratraq.channel_mutes': ChannelMuteTable;
}
