import { currentActor, InvalidInputError } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import { Error as MongooseError, Types } from 'mongoose';
import type { UnplacedMessage } from './append-numbered-messages.js';
import { ChatMessage } from '../../collections/chat-message.js';
import type { ChatAttachment, EntityLink } from '../../collections/chat-message-parts.js';
import { findMentions } from '../../mentions/find-mentions.js';
import { messageLimits } from '../../collections/message-limits.js';

/** What a sender gives. */
export interface SendMessage {
  readonly channel: string;
  readonly sender_id: string;
  /** Made by the sender's client, the same in every retry. */
  readonly client_message_id: string;
  readonly body: string;
  /** A message of the same channel; a reply to a reply joins the thread of the first message. */
  readonly parent_id?: string | undefined;
  readonly attachments?: readonly ChatAttachment[] | undefined;
  readonly links?: readonly EntityLink[] | undefined;
}

/**
 * Refuses a text that is too long, and one that is empty with nothing beside it.
 * @throws InvalidInputError `message.too-long`, `message.empty`
 */
export function assertBody(body: string, hasAttachments: boolean): void {
  if (body.length > messageLimits.bodyCharacters)
    throw new InvalidInputError(`A message has at most ${messageLimits.bodyCharacters} characters`, {
      code: 'message.too-long',
    });
  if (!hasAttachments && body.trim() === '')
    throw new InvalidInputError('Write something, or attach a file', { code: 'message.empty' });
}

/**
 * Makes a message ready to be stored.
 * @throws InvalidInputError `message.too-long`, `message.empty`, `message.invalid`
 */
export async function draftMessage(
  models: Models,
  input: SendMessage,
  parentId?: Types.ObjectId,
): Promise<UnplacedMessage> {
  const { attachments = [], links = [] } = input;
  assertBody(input.body, attachments.length > 0);
  if (attachments.length > messageLimits.attachments || links.length > messageLimits.links)
    throw new InvalidInputError(
      `A message has at most ${messageLimits.attachments} attachments and ${messageLimits.links} links`,
      { code: 'message.too-long' },
    );
  const mentions = findMentions(input.body);
  const cause_id = currentActor()?.cause_id;
  if (attachments.length === 0 && links.length === 0) {
    // The schema would check the same at thirty times the cost: nothing here is nested.
    assertPlain(input);
    return {
      _id: new Types.ObjectId(),
      channel: input.channel,
      sender_id: input.sender_id,
      client_message_id: input.client_message_id,
      body: input.body,
      ...(parentId && { parent_id: parentId }),
      ...(mentions.length > 0 && { mentions }),
      revision: 0,
      created_at: new Date(),
      ...(cause_id && { cause_id }),
    };
  }
  const draft = new (models.of(ChatMessage))({
    _id: new Types.ObjectId(),
    channel: input.channel,
    // Assigned when it is stored; the schema wants a sound one.
    seq: 1,
    sender_id: input.sender_id,
    client_message_id: input.client_message_id,
    body: input.body,
    ...(parentId && { parent_id: parentId }),
    ...(attachments.length > 0 && { attachments }),
    ...(links.length > 0 && { links }),
    ...(mentions.length > 0 && { mentions }),
    revision: 0,
    created_at: new Date(),
    ...(cause_id && { cause_id }),
  });
  try {
    await draft.validate();
  } catch (cause) {
    if (!(cause instanceof MongooseError.ValidationError)) throw cause;
    throw new InvalidInputError(cause.message, { code: 'message.invalid', cause });
  }
  return draft.toObject({ depopulate: true, flattenMaps: true }) as unknown as UnplacedMessage;
}

function assertPlain({ channel, sender_id, client_message_id }: SendMessage): void {
  const texts = [
    { name: 'channel', text: channel, most: messageLimits.channelCharacters },
    { name: 'sender_id', text: sender_id, most: Infinity },
    {
      name: 'client_message_id',
      text: client_message_id,
      most: messageLimits.clientMessageIdCharacters,
    },
  ];
  for (const { name, text, most } of texts)
    if (typeof text !== 'string' || text === '' || text.length > most)
      throw new InvalidInputError(`${name} is a text of 1 to ${most} characters`, {
        code: 'message.invalid',
      });
}
