import type { HeldScope } from '@infratraq/kernel';
import type { ChannelRole } from '../membership.js';

/** How a channel came to be: of an entity, of some users, or between two. */
export type ChannelKind = 'entity' | 'group' | 'direct';

/** A channel as it is stored. */
export interface StoredChannel {
  readonly channel_id: string;
  readonly kind: ChannelKind;
  readonly title: string;
  readonly entity_type: string | null;
  readonly entity_id: string | null;
  readonly created_by: string | null;
  readonly fingerprint: string | null;
  readonly client_channel_id: string | null;
  readonly direct_key: string | null;
  readonly created_at: Date;
  readonly archived_at: Date | null;
  readonly members_by_scope: boolean;
  readonly scopes: readonly string[];
}

/** A channel that is to be stored. */
export type NewChannel = Pick<
  StoredChannel,
  'channel_id' | 'kind' | 'title' | 'entity_type' | 'entity_id' | 'members_by_scope'
> & {
  readonly created_by: string;
  readonly fingerprint: string;
  readonly client_channel_id: string | null;
  readonly direct_key: string | null;
  readonly scopes: string[];
};

/** A user with a role in a channel. */
export interface Member {
  readonly user_id: string;
  readonly role: ChannelRole;
}

/** A channel with what one user is there. */
export type ChannelOfUser = StoredChannel & {
  /** Null for members by scope alone. */
  readonly role: ChannelRole | null;
  readonly history_from: Date | null;
  readonly muted: boolean;
  /** When the user became a member; lists are sorted by it. */
  readonly since: Date;
};

/** Which channels of a user to list: those after a place, the latest joined first. */
export interface ListedPart {
  /** `all` adds no channels: an operator's own are those with a stored role. */
  readonly held: 'all' | readonly HeldScope[];
  readonly archived: boolean;
  readonly limit: number;
  readonly after?: { readonly since: Date; readonly channel_id: string } | undefined;
}

/** What became of a channel when a member was removed. */
export interface Removal {
  /** False for a user who was no member. */
  readonly removed: boolean;
  /** Nobody was left to manage the channel. */
  readonly archived: boolean;
}

/** What is to become of a channel that a member leaves. */
export interface RemovalOptions {
  readonly successor?: string | undefined;
  /** Archives a channel that nobody is left to manage; else its last manager stays. */
  readonly archives: boolean;
}

/** Channels, members and mutes in a database. */
export interface ChannelStore {
  /** Those of the users who are unknown or no longer active. */
  listUnknownUsers(userIds: readonly string[]): Promise<string[]>;
  /** Stores a channel, unless one stands with its id, its creator's key, or between the same two users. */
  create(
    channel: NewChannel,
    members: readonly Member[],
  ): Promise<{ readonly channel: StoredChannel; readonly created: boolean }>;
  find(channelId: string): Promise<StoredChannel | undefined>;
  findForUser(channelId: string, userId: string): Promise<ChannelOfUser | undefined>;
  listOfUser(userId: string, part: ListedPart): Promise<ChannelOfUser[]>;
  listMembers(channelId: string): Promise<Member[]>;
  change(
    channelId: string,
    change: { title?: string | undefined; archived_at?: Date | null | undefined },
  ): Promise<StoredChannel | undefined>;
  /** Adds a member or changes their role; `last-manager` if nobody would be left to manage, `full` at the limit. */
  putMember(
    channelId: string,
    member: Member,
    mostMembers: number,
  ): Promise<'added' | 'changed' | 'same' | 'last-manager' | 'full'>;
  /** Removes a member; their successor, a member, becomes a manager. */
  removeMember(
    channelId: string,
    userId: string,
    options: RemovalOptions,
  ): Promise<Removal | 'no-successor' | 'last-manager'>;
  setMuted(channelId: string, userId: string, on: boolean): Promise<void>;
  isMuted(channelId: string, userId: string): Promise<boolean>;
}
