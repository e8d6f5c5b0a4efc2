import type { Message, Timestamp } from './message.js';

/** Rights of a user in a channel; an owner has those of a manager. */
export type ChannelRole = 'owner' | 'manager' | 'member' | 'reader';

/** A member of a channel. */
export interface ChannelMember {
  readonly user_id: string;
  readonly role: ChannelRole;
}

/** A channel as HTTP answers it to one user. */
export interface Channel<Time = Timestamp> {
  readonly channel_id: string;
  readonly kind: 'entity' | 'group' | 'direct';
  /** Empty for direct channels. */
  readonly title: string;
  readonly entity_type: string | null;
  readonly entity_id: string | null;
  readonly created_by: string | null;
  readonly created_at: Time;
  /** Read-only since then; null while the channel is in use. */
  readonly archived_at: Time | null;
  /** Everybody who may see the entity is a member. */
  readonly members_by_scope: boolean;
  /** Mentions in the channel send no notifications. */
  readonly muted: boolean;
  /** Null, as the next four, for an operator who is no member. */
  readonly role: ChannelRole | null;
  readonly latest_seq: number | null;
  readonly read_seq: number | null;
  readonly unread_count: number | null;
  readonly last_message: Message<Time> | null;
  /** Stored members; only where one channel is read. */
  readonly members?: readonly ChannelMember[];
}

interface Keyed {
  /** Chosen by the client; repeated, it answers the channel that was made first. */
  readonly client_channel_id?: string;
}

type GivenRole = Exclude<ChannelRole, 'owner'>;

/** A channel to be made: a group, the one between two users, or one of an entity. */
export type NewChannel = Keyed &
  (
    | {
        readonly kind?: 'group';
        readonly title: string;
        readonly members?: (string | { readonly user_id: string; readonly role?: GivenRole })[];
      }
    | { readonly kind: 'direct'; readonly members: [user_id: string] }
    | {
        readonly kind: 'entity';
        readonly entity_type: string;
        readonly entity_id: string;
        readonly title?: string;
      }
  );
