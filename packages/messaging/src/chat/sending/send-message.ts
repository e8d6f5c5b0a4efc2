import { ConflictError, InvalidInputError } from '@infratraq/kernel';
import { mayManage, type ChannelRole, type ChatMembership } from '../membership.js';
import type { Models, Stored } from '@infratraq/mongo';
import type { AppendedMessage, MessageAppender } from './append-numbered-messages.js';
import type { ChatMessage } from '../../collections/chat-message.js';
import { findMessageByClientId } from '../../collections/chat-message.queries.js';
import { draftMessage, type SendMessage } from './draft-message.js';
import { takeTurn } from '../rules/slow-mode.js';
import type { VisibleMessages } from '../history/visible-messages.js';

/** Answers which of these files a user may see. */
export type VisibleFiles = (file_ids: readonly string[], userId: string) => Promise<readonly string[]>;

/** Parts that sending works with. */
export interface MessageSenderParts {
  readonly models: Models;
  readonly membership: ChatMembership;
  readonly appender: MessageAppender;
  readonly visible: VisibleMessages;
  readonly visibleFiles: VisibleFiles | undefined;
  /** Whether somebody is to be notified of mentions. */
  readonly announces: boolean;
}

/** Stores messages of admitted senders, subject to the rules of the channel. */
export class MessageSender {
  readonly #parts: MessageSenderParts;

  constructor(parts: MessageSenderParts) {
    this.#parts = parts;
  }

  /** @throws ConflictError `message.key-reused` for the key of another message */
  async send(input: SendMessage, role: ChannelRole): Promise<AppendedMessage> {
    const { appender, visible, announces } = this.#parts;
    const parentId = input.parent_id === undefined ? undefined : await visible.findThread(input);
    const draft = draftMessage(input, { parentId, announces });
    await this.#requireFiles(input);
    // Last of all checks: a refused message takes no turn.
    const stored = await this.#claimTurn(input, role);
    const appended = stored ? { message: stored, created: false } : await appender.append(draft);
    const { fingerprint = draft.fingerprint } = appended.message;
    if (fingerprint === draft.fingerprint) return appended;
    throw new ConflictError(
      `You have sent another message as ${input.client_message_id}; give each message an id of its own`,
      'message.key-reused',
    );
  }

  /** Whether the files of a message are there for its sender; those of one that is stored already were. */
  async #requireFiles(input: SendMessage): Promise<void> {
    const { models, visibleFiles } = this.#parts;
    const ids = (input.attachments ?? []).map(({ attachment_id }) => attachment_id);
    if (!visibleFiles || ids.length === 0) return;
    const visible = new Set(await visibleFiles(ids, input.sender_id));
    const errors = ids.flatMap((id, place) =>
      visible.has(id)
        ? []
        : [{ path: `/attachments/${place}/attachment_id`, message: 'is no file of yours' }],
    );
    if (errors.length === 0 || (await models.findOne(findMessageByClientId, input))) return;
    throw new InvalidInputError('Attach files that are uploaded and that you may see', {
      code: 'message.attachment-unknown',
      errors,
    });
  }

  /** Claims a turn in a slow channel. A message that is stored already needs none, and is returned. */
  async #claimTurn(input: SendMessage, role: ChannelRole): Promise<Stored<ChatMessage> | null> {
    const { models, membership } = this.#parts;
    const { channel, sender_id: user_id } = input;
    const seconds = (await membership.rulesOf?.(channel))?.slow_mode_seconds ?? 0;
    if (seconds === 0 || mayManage(role)) return null;
    const stored = await models.findOne(findMessageByClientId, input);
    if (!stored) await takeTurn(models, { channel, user_id, seconds });
    return stored;
  }
}
