import type { Attachment, EntityLink, Message, Reaction, Timestamp } from './message.js';

/** What a client already has of a channel; the server answers what is missing. */
export interface SyncRequest {
  readonly channel: string;
  /** `seq` of the last message that the client has; 0 for none. */
  readonly after_seq: number;
  /** Id of that message: if the server has another one there, the client reloads the channel. */
  readonly after_message_id?: string | undefined;
  /** `epoch` of the last answer. */
  readonly epoch?: string | undefined;
  /** `synced_at` of the last answer: messages changed since then are sent again. */
  readonly changed_since?: Timestamp | undefined;
}

/** A request to join a channel; without `after_seq` the answer carries no messages. */
export interface JoinRequest extends Omit<SyncRequest, 'after_seq'> {
  readonly after_seq?: number | undefined;
}

/** A message to be sent. */
export interface SendRequest {
  readonly channel: string;
  /** Chosen by the client; a repeated one is the same message, which is stored once. */
  readonly client_message_id: string;
  readonly body: string;
  /** A message of the same channel; the reply joins that message's thread. */
  readonly parent_id?: string | undefined;
  readonly attachments?: readonly Attachment[] | undefined;
  readonly links?: readonly EntityLink[] | undefined;
}

/** What a client missed in a channel. */
export interface SyncAnswer<Time = Timestamp> {
  /** Messages after `after_seq`, in order, without gaps. */
  readonly messages: readonly Message<Time>[];
  /** Older messages that were changed since `changed_since`. */
  readonly changed: readonly Message<Time>[];
  /** Members whose positions moved since `changed_since`; absent from older servers. */
  readonly reads?: readonly MemberPosition[];
  /** First message that this user may see. */
  readonly first_seq: number;
  readonly latest_seq: number;
  /** Changes when messages are cut from the beginning of the channel. */
  readonly epoch: string;
  /** More messages follow: sync again from the last one. */
  readonly has_more: boolean;
  /** The client's copy no longer continues: drop it, and load from `first_seq`. */
  readonly reset: boolean;
  readonly synced_at: Time;
}

/** How far a member has received and read a channel. */
export interface Position {
  readonly delivered_seq: number;
  readonly read_seq: number;
}

/** The position of one member. */
export interface MemberPosition extends Position {
  readonly user_id: string;
}

/** The members who are in a channel now. */
export interface PresenceList {
  readonly users: readonly { readonly user_id: string; readonly devices: number }[];
  /** False while the server that answers cannot ask the others: it lists those whom it serves itself. */
  readonly complete: boolean;
}

interface Exchange<Payload, Result extends object = object> {
  readonly payload: Payload;
  readonly result: Result;
}

type ToChannel = Readonly<{ channel: string }>;
type ToMessage = Readonly<{ message_id: string }>;
type ToPlace = Readonly<{ channel: string; seq: number }>;

/** Every event of a client: what it carries, and what the server answers. */
export interface ChatRequests<Time = Timestamp> {
  'channel:join': Exchange<JoinRequest, SyncAnswer<Time> & Position & { readonly unread_count: number }>;
  'channel:sync': Exchange<SyncRequest, SyncAnswer<Time>>;
  'channel:leave': Exchange<ToChannel>;
  'message:send': Exchange<
    SendRequest,
    { readonly message_id: string; readonly seq: number; readonly message: Message<Time> }
  >;
  'message:edit': Exchange<ToMessage & { readonly body: string }, { readonly message: Message<Time> }>;
  'message:delete': Exchange<ToMessage, { readonly message: Message<Time> }>;
  'message:react': Exchange<
    ToMessage & { readonly emoji: string; readonly on: boolean },
    { readonly message_id: string; readonly seq: number; readonly reactions: readonly Reaction[] }
  >;
  'message:pin': Exchange<ToMessage & { readonly on: boolean }, { readonly message: Message<Time> }>;
  'message:delivered': Exchange<ToPlace, Position>;
  'message:read': Exchange<ToPlace, Position>;
  typing: Exchange<ToChannel & { readonly on: boolean }>;
  'presence:list': Exchange<ToChannel, PresenceList>;
}

/** Name of an event that a client may emit. */
export type ChatRequestName = keyof ChatRequests;
/** What an event of a client carries. */
export type ChatRequest<Name extends ChatRequestName> = ChatRequests[Name]['payload'];
/** What the server answers to an event of a client, if it accepts it. */
export type ChatResult<Name extends ChatRequestName, Time = Timestamp> = ChatRequests<Time>[Name]['result'];

/** Why the server refused an event. */
export interface Refusal {
  /** Stable, machine-readable name of the reason. */
  readonly code: string;
  readonly message: string;
  /** Milliseconds after which the same event may succeed; absent where waiting does not help. */
  readonly retry_after_ms?: number;
}

/** Acknowledgement of an event: its result, or the reason of the refusal. */
export type Answer<Result extends object> =
  ({ readonly ok: true } & Result) | { readonly ok: false; readonly error: Refusal };

/** Events of clients, as Socket.IO's type parameters take them. */
export type ClientToServerEvents<Time = Timestamp> = {
  [Name in ChatRequestName]: (
    payload: ChatRequest<Name>,
    acknowledge: (answer: Answer<ChatResult<Name, Time>>) => void,
  ) => void;
};
