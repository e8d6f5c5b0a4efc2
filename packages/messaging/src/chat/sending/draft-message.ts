import type { SendRequest } from '@infratraq/chat-wire';
import { currentActor, fingerprintOf, InvalidInputError, textRule } from '@infratraq/kernel';
import { Types } from 'mongoose';
import { oweForMessage } from '../message-announcements.js';
import { findMentions } from '../../mentions/find-mentions.js';
import type { UnplacedMessage } from './append-numbered-messages.js';

/** A message of a user. */
export interface SendMessage extends SendRequest {
  readonly sender_id: string;
}

const anyVisible = textRule({ characters: Infinity, lines: true });

/** @throws InvalidInputError `message.empty` for a message that neither says nor carries anything */
export function assertNotEmpty(body: string, hasAttachments: boolean): void {
  if (!hasAttachments && anyVisible.judge(body)?.kind === 'empty')
    throw new InvalidInputError('Write something, or attach a file', {
      code: 'message.empty',
      errors: [{ path: '/body', message: 'is empty' }],
    });
}

/**
 * Makes a message, which was checked before, ready to be stored.
 * @throws InvalidInputError `message.empty`
 */
export function draftMessage(
  input: SendMessage,
  { parentId, announces }: { parentId: Types.ObjectId | undefined; announces: boolean },
): UnplacedMessage {
  const { channel, sender_id, client_message_id, body, parent_id, attachments = [], links = [] } = input;
  assertNotEmpty(body, attachments.length > 0);
  const mentions = findMentions(body);
  const cause_id = currentActor()?.cause_id;
  const _id = new Types.ObjectId();
  const created_at = new Date();
  const announcements = announces ? oweForMessage({ _id, sender_id, mentions }) : [];
  return {
    _id,
    channel,
    sender_id,
    client_message_id,
    fingerprint: fingerprintOf({ body, parent_id, attachments, links }),
    body,
    ...(parentId && { parent_id: parentId }),
    ...(attachments.length > 0 && { attachments: [...attachments] }),
    ...(links.length > 0 && { links: [...links] }),
    ...(mentions.length > 0 && { mentions }),
    revision: 0,
    created_at,
    ...(announcements.length > 0 && { announcements, announcing_since: created_at }),
    ...(cause_id && { cause_id }),
  };
}
