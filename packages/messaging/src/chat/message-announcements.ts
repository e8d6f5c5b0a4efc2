import { ConflictError, cutText, type NotificationRequest } from '@infratraq/kernel';
import type { Models, Stored } from '@infratraq/mongo';
import type { AnnouncementSource } from '../announcements/announcer.js';
import {
  listFirstMentioned,
  listOwed,
  settleAnnouncements,
  type OwedAnnouncement,
} from '../announcements/owed-announcements.js';
import type { Announcement } from '../collections/announcement.js';
import { ChatMessage } from '../collections/chat-message.js';
import { listMessagesToAnnounce } from '../collections/chat-message.queries.js';
import type { ChannelMembership } from './membership.js';

type Message = Stored<ChatMessage>;

const excerptCharacters = 200;
const sweptMessages = 200;
const settleAttempts = 20;

/** Chat messages as a source of announcements: to users whom they mention (`chat.mentioned`). */
export function announceMessages(
  models: Models,
  membership: ChannelMembership,
): AnnouncementSource<Message, Message> {
  const messages = models.of(ChatMessage);
  return {
    doing: 'notifying of mentions in chat',
    listSubjects: (message) => [message],
    actorOf: ({ sender_id, cause_id }) => ({ user_id: sender_id, cause_id }),
    requestOf: (message, owed) => requestOf(membership, message, owed),
    async settle(message, settled, times) {
      const { _id, channel } = message;
      let latest: Message | null = message;
      for (let attempt = 1; latest && attempt <= settleAttempts; attempt += 1) {
        const announcements = settleAnnouncements(latest, settled, times);
        const isSettled = listOwed({ ...latest, announcements }).length === 0;
        // No new revision: clients see none of this.
        const changed = await messages
          .findOneAndUpdate(
            { _id, channel, revision: latest.revision },
            { $set: { announcements }, ...(isSettled && { $unset: { announcing_since: 1 } }) },
            { returnDocument: 'after' },
          )
          .lean<Message | null>();
        if (changed) return changed;
        latest = await messages.findOne({ _id, channel }).read('primary').lean<Message | null>();
      }
      // Cut from the history of its channel.
      if (!latest) return { ...message, announcements: [] };
      throw new ConflictError('Others are changing this message; try again', 'message.stale');
    },
    listWaiting: (before) => models.find(listMessagesToAnnounce, { before }, { limit: sweptMessages }),
    claim: ({ _id, channel, announcing_since }, now) =>
      messages
        .findOneAndUpdate(
          { _id, channel, announcing_since },
          { $set: { announcing_since: now } },
          { returnDocument: 'after' },
        )
        .lean<Message | null>(),
  };
}

/** Notification of a new message, to the users whom it mentions. */
export function oweForMessage({ _id, sender_id, mentions = [] }: Mentioning): Announcement[] {
  const mentioned = mentions.filter((user) => user !== sender_id);
  return mentioned.length > 0 ? [{ key: `chat-message:${_id.toHexString()}`, mentioned }] : [];
}

/** Notification of an edit, to users whom no earlier text mentioned. */
export function oweForMessageEdit(before: Message, mentions: readonly string[]): Announcement[] {
  const { _id, sender_id, announcements = [], edits = [] } = before;
  const mentioned = listFirstMentioned(mentions, announcements, [sender_id, ...(before.mentions ?? [])]);
  return mentioned.length > 0
    ? [{ key: `chat-message:${_id.toHexString()}:edit-${edits.length + 1}`, mentioned }]
    : [];
}

type Mentioning = Pick<Message, '_id' | 'sender_id' | 'mentions'>;

async function requestOf(
  membership: ChannelMembership,
  { _id, channel, seq, sender_id, body }: Message,
  { announcement: { key, mentioned = [] } }: OwedAnnouncement<Message>,
): Promise<NotificationRequest | undefined> {
  const wanted = await Promise.all(
    mentioned.map(
      async (user) =>
        (await membership.roleOf(channel, user)) !== undefined &&
        !(await membership.isMuted?.(channel, user)),
    ),
  );
  const users = mentioned.filter((_, place) => wanted[place]);
  if (users.length === 0) return undefined;
  const message_id = _id.toHexString();
  const excerpt = cutText(body, excerptCharacters);
  return {
    to: { users },
    type: 'chat.mentioned',
    data: { channel, seq, sender_id, message_id, excerpt },
    entity: { entity_type: 'channels', entity_id: channel },
    idempotency_key: key,
  };
}
