import type { Notifier, ReportError } from '@infratraq/kernel';
import type { ChannelMembership } from '../chat/membership.js';
import type { Stored } from '@infratraq/mongo';
import type { ChatMessage } from '../collections/chat-message.js';

const excerptCharacters = 200;

/** Has people told that a message mentions them, as `chat.mentioned`, and takes it back when the message goes. */
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
   * Tells those whom a message mentions and who may read it. Called for each try to send, because the try that stored
   * the message may have died before it came this far; the key keeps it from being told twice.
   */
  async tellSent(message: Stored<ChatMessage>): Promise<void> {
    if (message.deleted_at || (message.edits?.length ?? 0) > 0) return;
    await this.#tell(message, message.mentions ?? [], keyOf(message));
  }

  /** Tells those whom the latest edit of a message mentions for the first time. */
  async tellEdited(message: Stored<ChatMessage>, mentionedBefore: readonly string[]): Promise<void> {
    const fresh = (message.mentions ?? []).filter((user) => !mentionedBefore.includes(user));
    await this.#tell(message, fresh, keyOf(message, message.edits?.length));
  }

  /** Takes back whatever was told about a message, which was edited so many times. */
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

  /** A message that is stored stands, whether or not anybody can be told of it. */
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
