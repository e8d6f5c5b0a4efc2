import type { ChatNotices } from '@infratraq/chat-wire';
import type { StoredChannel } from './channel-store.js';

/** The events of channels and their members. */
type ChannelEvent =
  'channel:created' | 'channel:updated' | 'channel:archived' | 'member:added' | 'member:removed';

/** An event of a channel, and the users to whom it is of concern besides those who have joined. */
export type ChannelNotice = {
  [Event in ChannelEvent]: {
    readonly event: Event;
    readonly users: readonly string[];
    readonly payload: ChatNotices[Event];
  };
}[ChannelEvent];

/** Where changes of channels are heard. */
export interface ChannelNotices {
  /** Adds a listener; the answer removes it. */
  onNotice(listener: (notice: ChannelNotice) => void): () => void;
}

/** A channel as its events describe it. */
export function describeChannel({ channel_id, kind, title, entity_type, entity_id }: StoredChannel) {
  return {
    channel: channel_id,
    kind,
    title,
    ...(entity_type !== null && { entity_type }),
    ...(entity_id !== null && { entity_id }),
  };
}
