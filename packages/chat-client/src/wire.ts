/** When something happened, as an ISO 8601 string. */
export type Timestamp = string;

/** A file in a message. */
export interface Attachment {
  readonly attachment_id: string;
  readonly file_name: string;
  readonly content_type: string;
  readonly size_bytes: number;
  readonly sha256?: string;
  readonly width?: number;
  readonly height?: number;
}

/** Everybody who reacted to a message in one way. */
export interface Reaction {
  readonly emoji: string;
  readonly user_ids: readonly string[];
}

/** An entity that a message is about. */
export interface EntityLink {
  readonly entity_type: string;
  readonly entity_id: string;
}

/** A message as the server sends it. */
export interface Message {
  readonly message_id: string;
  readonly channel: string;
  /** Place within the channel, gap-free. */
  readonly seq: number;
  readonly sender_id: string;
  readonly client_message_id: string;
  /** Empty in a tombstone. */
  readonly body: string;
  readonly parent_id?: string;
  readonly attachments: readonly Attachment[];
  readonly mentions: readonly string[];
  readonly links: readonly EntityLink[];
  readonly reactions: readonly Reaction[];
  /** Counts changes; of two versions the higher one is the newer. */
  readonly revision: number;
  readonly created_at: Timestamp;
  readonly edited_at?: Timestamp;
  readonly deleted_at?: Timestamp;
  readonly deleted_by?: string;
  readonly pinned_at?: Timestamp;
}

/** Answer to `channel:join` and `channel:sync`. */
export interface SyncAnswer {
  readonly messages: readonly Message[];
  readonly changed: readonly Message[];
  readonly first_seq: number;
  readonly latest_seq: number;
  readonly epoch: string;
  readonly has_more: boolean;
  readonly reset: boolean;
  readonly synced_at: Timestamp;
}

/** Why the server refused an event. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly retry_after_ms?: number;
}

/** What the server acknowledges each event with. */
export type Answer<Result> =
  ({ readonly ok: true } & Result) | { readonly ok: false; readonly error: WireError };

/** What the server tells without being asked. */
export interface ServerEvents {
  'message:created': Message;
  'message:updated': Message;
  'message:deleted': Message;
  'reaction:changed': Pick<Message, 'channel' | 'message_id' | 'seq' | 'revision' | 'reactions'> & {
    readonly user_id: string;
    readonly emoji: string;
    readonly on: boolean;
  };
  'read:changed': { channel: string; user_id: string; read_seq: number; delivered_seq: number };
  typing: { channel: string; user_id: string; on: boolean };
  'presence:changed': { channel: string; user_id: string; online: boolean };
  'chat:resync': { channels: readonly string[] };
  'role:changed': { channel: string; role: 'owner' | 'member' | 'reader' };
  'channel:removed': { channel: string };
}
