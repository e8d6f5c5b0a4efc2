/** A point in time on the wire: an ISO 8601 string. */
export type Timestamp = string;

/** A file of a message. */
export interface Attachment {
  readonly attachment_id: string;
  readonly file_name: string;
  readonly content_type: string;
  readonly size_bytes: number;
  /** Hexadecimal SHA-256 of the content. */
  readonly sha256?: string | undefined;
  /** Pixels; images only. */
  readonly width?: number | undefined;
  /** Pixels; images only. */
  readonly height?: number | undefined;
}

/** An entity that a message is about. */
export interface EntityLink {
  readonly entity_type: string;
  readonly entity_id: string;
}

/** One emoji of a message, and everybody who reacted with it. */
export interface Reaction {
  readonly emoji: string;
  readonly user_ids: readonly string[];
}

/**
 * A message of a channel.
 *
 * @typeParam Time a string on the wire; servers pass `Date`, which JSON encodes as such a string
 */
export interface Message<Time = Timestamp> {
  readonly message_id: string;
  readonly channel: string;
  /** Number within the channel: from 1, without gaps. */
  readonly seq: number;
  readonly sender_id: string;
  /** Chosen by the sender's client; the same in every attempt to send this message. */
  readonly client_message_id: string;
  /** Plain text; empty once the message is deleted. */
  readonly body: string;
  /** First message of the thread to which this one belongs. */
  readonly parent_id?: string;
  readonly attachments: readonly Attachment[];
  /** Users whom the body names as `@user`. */
  readonly mentions: readonly string[];
  readonly links: readonly EntityLink[];
  readonly reactions: readonly Reaction[];
  /** Counts changes from 0; the higher of two versions is the newer one. */
  readonly revision: number;
  readonly created_at: Time;
  readonly edited_at?: Time;
  readonly deleted_at?: Time;
  readonly deleted_by?: string;
  readonly pinned_at?: Time;
}
