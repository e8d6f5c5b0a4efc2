import type { ChannelRole } from './channel.js';
import type { Position } from './client-events.js';
import type { Message, Timestamp } from './message.js';

type InChannel = Readonly<{ channel: string }>;
/** A channel as it stands. */
type ChannelNotice = Readonly<{
  channel: string;
  kind: 'entity' | 'group' | 'direct';
  title: string;
  entity_type?: string;
  entity_id?: string;
}>;
type OfMember = Readonly<{ channel: string; user_id: string }>;

/** Every event of the server, with what it carries. */
export interface ChatNotices<Time = Timestamp> {
  'message:created': Message<Time>;
  'message:updated': Message<Time>;
  'message:deleted': Message<Time>;
  'reaction:changed': OfMember &
    Pick<Message<Time>, 'message_id' | 'seq' | 'revision' | 'reactions'> & {
      readonly emoji: string;
      readonly on: boolean;
    };
  'read:changed': OfMember & Position;
  typing: OfMember & { readonly on: boolean };
  'presence:changed': OfMember & { readonly online: boolean };
  /** Messages may have been missed or cut: sync each channel from the last message that is there. */
  'chat:resync': { readonly channels: readonly string[] };
  /** The user's role changed, and with it perhaps the part of the history that they may see. */
  'role:changed': InChannel & { readonly role: ChannelRole };
  /** The user is no longer a member, whether or not they had joined: the channel's other events end. */
  'channel:removed': InChannel;
  /** The user is a member of a new channel, and may join it. */
  'channel:created': ChannelNotice;
  /** A channel of the user has another title, or is no longer archived. */
  'channel:updated': ChannelNotice;
  /** A channel of the user has become read-only. */
  'channel:archived': ChannelNotice;
  /** A channel of the user has a new member: perhaps this user, who may join at once. */
  'member:added': OfMember & { readonly role: ChannelRole };
  /** A user, perhaps this one, is no longer a member of a channel. */
  'member:removed': OfMember;
}

/** Name of an event that the server emits. */
export type ChatNoticeName = keyof ChatNotices;

/** Events of the server, as Socket.IO's type parameters take them. */
export type ServerToClientEvents<Time = Timestamp> = {
  [Name in ChatNoticeName]: (payload: ChatNotices<Time>[Name]) => void;
};
