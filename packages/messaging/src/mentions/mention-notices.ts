import type { Notifier, ReportError } from '@infratraq/kernel';
import type { ChannelMembership } from '../chat/membership.js';
import type { Stored } from '@infratraq/mongo';
import type { ChatMessage } from '../collections/chat-message.js';

const excerptCharacters = 200;

/** Notifies users of messages that mention them (`chat.mentioned`), and retracts this when the message is deleted. */
export class MentionNotices {
  readonly #notifier: Notifier;
  readonly #membership: ChannelMembership;
  readonly #onError: ReportError;

  constructor(notifier: Notifier, membership: ChannelMembership, onError: ReportError) {
    this.#notifier = notifier;
    this.#membership = membership;
    this.#onError = onError;
  }

  /**
   * Notifies the mentioned users who may read the message. Every attempt to send calls it, because the attempt that
   * stored the message may have ended before this point; the key prevents a second notification.
   */
  async tellSent(message: Stored<ChatMessage>): Promise<void> {
    if (message.deleted_at || (message.edits?.length ?? 0) > 0) return;
    await this.#tell(message, message.mentions ?? [], keyOf(message));
  }

  /** Notifies the users whom the latest edit mentions for the first time. */
  async tellEdited(message: Stored<ChatMessage>, mentionedBefore: readonly string[]): Promise<void> {
    const fresh = (message.mentions ?? []).filter((user) => !mentionedBefore.includes(user));
    await this.#tell(message, fresh, keyOf(message, message.edits?.length));
  }

  /** Retracts the notifications of a message and of its edits. */
  async retract(message: Stored<ChatMessage>, edits: number): Promise<void> {
    for (let edit = 0; edit <= edits; edit += 1)
      await this.#attempt(() => this.#notifier.retract(keyOf(message, edit)));
  }

  async #tell(message: Stored<ChatMessage>, mentions: readonly string[], key: string): Promise<void> {
    if (mentions.length === 0) return;
    const { channel, seq, sender_id, body } = message;
    await this.#attempt(async () => {
      const roles = await Promise.all(mentions.map((user) => this.#membership.roleOf(channel, user)));
      const users = mentions.filter((user, place) => roles[place] !== undefined && user !== sender_id);
      if (users.length === 0) return;
      await this.#notifier.send({
        to: { users },
        type: 'chat.mentioned',
        data: {
          channel,
          seq,
          sender_id,
          message_id: message._id.toHexString(),
          excerpt: body.slice(0, excerptCharacters),
        },
        entity: { entity_type: 'channels', entity_id: channel },
        idempotency_key: key,
      });
    });
  }

  /** A failure to notify does not fail the message, which is stored. */
  async #attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#onError(error, 'notifying of mentions in chat');
    }
  }
}

function keyOf({ _id }: Stored<ChatMessage>, edit = 0): string {
  return edit === 0 ? `chat-message:${_id.toHexString()}` : `chat-message:${_id.toHexString()}:edit-${edit}`;
}
