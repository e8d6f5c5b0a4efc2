import type { Message, Reaction } from '@infratraq/chat-wire';
import type { Stored } from '@infratraq/mongo';
import type { ChatMessage } from '../collections/chat-message.js';

/** A message as clients see it, over HTTP and Socket.IO alike. */
export type MessageView = Message<Date>;

/** A stored message as clients see it, without the text before edits. */
export function presentMessage(message: Stored<ChatMessage>): MessageView {
  return {
    message_id: message._id.toHexString(),
    channel: message.channel,
    seq: message.seq,
    sender_id: message.sender_id,
    client_message_id: message.client_message_id,
    body: message.body,
    ...(message.parent_id && { parent_id: message.parent_id.toHexString() }),
    attachments: message.attachments ?? [],
    mentions: message.mentions ?? [],
    links: message.links ?? [],
    reactions: groupReactions(message),
    revision: message.revision,
    created_at: message.created_at,
    ...(message.edited_at && { edited_at: message.edited_at }),
    ...(message.deleted_at && { deleted_at: message.deleted_at }),
    ...(message.deleted_by && { deleted_by: message.deleted_by }),
    ...(message.pinned_at && { pinned_at: message.pinned_at }),
  };
}

function groupReactions({ reactions = [] }: ChatMessage): Reaction[] {
  const users = new Map<string, string[]>();
  for (const { emoji, user_id } of reactions) users.set(emoji, [...(users.get(emoji) ?? []), user_id]);
  return [...users].map(([emoji, user_ids]) => ({ emoji, user_ids }));
}
