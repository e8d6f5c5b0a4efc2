import type { SendRequest } from '@infratraq/chat-wire';
import { currentActor, InvalidInputError } from '@infratraq/kernel';
import { Types } from 'mongoose';
import { findMentions } from '../../mentions/find-mentions.js';
import type { UnplacedMessage } from './append-numbered-messages.js';

/** A message of a user. */
export interface SendMessage extends SendRequest {
  readonly sender_id: string;
}

/** @throws InvalidInputError `message.empty` for a message that neither says nor carries anything */
export function assertNotEmpty(body: string, hasAttachments: boolean): void {
  if (!hasAttachments && body.trim() === '')
    throw new InvalidInputError('Write something, or attach a file', {
      code: 'message.empty',
      errors: [{ path: '/body', message: 'is empty' }],
    });
}

/**
 * Makes a message, which was checked before, ready to be stored.
 * @throws InvalidInputError `message.empty`
 */
export function draftMessage(input: SendMessage, parentId?: Types.ObjectId): UnplacedMessage {
  const { channel, sender_id, client_message_id, body, attachments = [], links = [] } = input;
  assertNotEmpty(body, attachments.length > 0);
  const mentions = findMentions(body);
  const cause_id = currentActor()?.cause_id;
  return {
    _id: new Types.ObjectId(),
    channel,
    sender_id,
    client_message_id,
    body,
    ...(parentId && { parent_id: parentId }),
    ...(attachments.length > 0 && { attachments: [...attachments] }),
    ...(links.length > 0 && { links: [...links] }),
    ...(mentions.length > 0 && { mentions }),
    revision: 0,
    created_at: new Date(),
    ...(cause_id && { cause_id }),
  };
}
