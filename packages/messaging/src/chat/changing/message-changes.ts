import { ForbiddenError } from '@infratraq/kernel';
import type { Models, Stored } from '@infratraq/mongo';
import { checkInput, type FaultCodes } from '../../checking/check-input.js';
import type { Announcer } from '../../announcements/announcer.js';
import type { ChatMessage } from '../../collections/chat-message.js';
import { chatSchemas } from '../chat-schemas.js';
import type { VisibleMessages } from '../history/visible-messages.js';
import { mayManage, type ChannelMembership } from '../membership.js';
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
  /** Notifies users of mentions. */
  readonly announcer: Announcer<Stored<ChatMessage>, Stored<ChatMessage>> | undefined;
}

const codes: FaultCodes = { 'body:too_big': 'message.too-long', emoji: 'message.emoji' };

/** Changes messages: checks rights and rates, applies the change, and notifies. */
export class MessageChanges {
  readonly #parts: MessageChangesParts;

  constructor(parts: MessageChangesParts) {
    this.#parts = parts;
  }

  async edit(given: MessageChange & { readonly body: string }): Promise<ChangedMessage> {
    const { models, announcer } = this.#parts;
    const { user_id, body, ...input } = checkInput(chatSchemas.edit, given, 'message.invalid', codes);
    const message = await this.#find({ ...input, user_id });
    if (message.sender_id !== user_id)
      throw new ForbiddenError('Only its sender can edit a message', 'message.forbidden');
    assertNotEmpty(body, (message.attachments?.length ?? 0) > 0);
    const change = { body, announces: announcer !== undefined };
    const edited = await editMessage(models, this.#reader(message), user_id, change);
    await announcer?.announce(edited.message);
    return edited;
  }

  async delete(given: MessageChange): Promise<ChangedMessage> {
    const { models, membership, announcer } = this.#parts;
    const input = checkInput(chatSchemas.delete, given, 'message.invalid');
    const message = await this.#find(input);
    const role = await membership.roleOf(message.channel, input.user_id);
    if (message.sender_id !== input.user_id && !(role && mayManage(role)))
      throw new ForbiddenError(
        "Only its sender and the channel's owner can delete a message",
        'message.forbidden',
      );
    const deleted = await deleteMessage(models, this.#reader(message), input.user_id);
    await announcer?.announce(deleted.message);
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
