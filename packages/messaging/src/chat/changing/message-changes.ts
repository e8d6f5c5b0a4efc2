import { ForbiddenError } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import { checkInput, type FaultCodes } from '../../checking/check-input.js';
import type { MentionNotices } from '../../mentions/mention-notices.js';
import { chatSchemas } from '../chat-schemas.js';
import type { VisibleMessages } from '../history/visible-messages.js';
import type { ChannelMembership } from '../membership.js';
import type { SendRate } from '../rules/send-rate.js';
import { assertNotEmpty } from '../sending/draft-message.js';
import {
  deleteMessage,
  editMessage,
  pinMessage,
  reactToMessage,
  type ChangedMessage,
} from './change-message.js';

/** A message, and the user who changes it. */
export interface MessageChange {
  readonly message_id: string;
  readonly user_id: string;
}

interface MessageChangesParts {
  readonly models: Models;
  readonly membership: ChannelMembership;
  readonly visible: VisibleMessages;
  readonly rate: SendRate | undefined;
  readonly mentions: MentionNotices | undefined;
}

const codes: FaultCodes = { 'body:too_big': 'message.too-long', emoji: 'message.emoji' };

/** Changes messages: checks rights and rates, applies the change, and notifies. */
export class MessageChanges {
  readonly #parts: MessageChangesParts;

  constructor(parts: MessageChangesParts) {
    this.#parts = parts;
  }

  async edit(given: MessageChange & { readonly body: string }): Promise<ChangedMessage> {
    const { models, mentions } = this.#parts;
    const { user_id, body, ...input } = checkInput(chatSchemas.edit, given, 'message.invalid', codes);
    const message = await this.#find({ ...input, user_id });
    if (message.sender_id !== user_id)
      throw new ForbiddenError('Only its sender can edit a message', 'message.forbidden');
    assertNotEmpty(body, (message.attachments?.length ?? 0) > 0);
    const edited = await editMessage(models, this.#reader(message), user_id, body);
    if (edited.changed) await mentions?.tellEdited(edited.message, message.mentions ?? []);
    return edited;
  }

  async delete(given: MessageChange): Promise<ChangedMessage> {
    const { models, membership, mentions } = this.#parts;
    const input = checkInput(chatSchemas.delete, given, 'message.invalid');
    const message = await this.#find(input);
    const role = await membership.roleOf(message.channel, input.user_id);
    if (message.sender_id !== input.user_id && role !== 'owner')
      throw new ForbiddenError(
        "Only its sender and the channel's owner can delete a message",
        'message.forbidden',
      );
    const deleted = await deleteMessage(models, this.#reader(message), input.user_id);
    await mentions?.retract(deleted.message, message.edits?.length ?? 0);
    return deleted;
  }

  async react(
    given: MessageChange & { readonly emoji: string; readonly on: boolean },
  ): Promise<ChangedMessage> {
    const input = checkInput(chatSchemas.react, given, 'message.invalid', codes);
    return reactToMessage(this.#parts.models, this.#reader(await this.#find(input)), input);
  }

  async pin(given: MessageChange & { readonly on: boolean }): Promise<ChangedMessage> {
    const input = checkInput(chatSchemas.pin, given, 'message.invalid');
    return pinMessage(this.#parts.models, this.#reader(await this.#find(input)), input);
  }

  #find({ message_id, user_id }: MessageChange) {
    this.#parts.rate?.take(user_id);
    return this.#parts.visible.find(message_id, user_id, 'post');
  }

  #reader({ _id }: Pick<ChangedMessage['message'], '_id'>) {
    return () => this.#parts.visible.read(_id);
  }
}
