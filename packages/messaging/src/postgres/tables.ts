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
}

export interface ChannelMemberTable {
  channel_id: string;
  user_id: string;
  role: Defaulted<ChannelRole>;
  joined_at: CreatedAt;
  /** Messages before this time stay hidden from the member; null shows all. */
  history_from: Date | null;
}

/** The tables of messaging that are asked by query builder. */
export interface MessagingTables {
  'infratraq.channels': ChannelTable;
  'infratraq.channel_members': ChannelMemberTable;
}
