import { describe, expect, it } from '@jest/globals';
import { accessForAllMembers, InvalidInputError } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import {
  ChatMessage,
  ChatReadState,
  ChatService,
  CommentService,
  CommentThread,
  type EmailHistory,
} from '../index.js';
import { mailbox, useEmailHistory } from '../testing/use-email-history.js';

const database = useModels(ChatMessage, ChatReadState, CommentThread);
const mails = useEmailHistory();

const channel = 'project:42';
const message = { channel, sender_id: 'ada', client_message_id: 'c-1', body: 'hello' };
const change = { message_id: 'f'.repeat(24), user_id: 'ada' };
const part = { limit: 10 };
const operator = { $gt: '' };
const attachment = { attachment_id: 'a', file_name: 'f', content_type: 'text/plain', size_bytes: 1 };

/** Input that no compiler has seen, what is wrong with it, and where. */
type Faults = readonly [method: string, input: readonly unknown[], code: string, path: string][];

async function refuse(service: object, [method, input, code, path]: Faults[number]): Promise<void> {
  const call = (service as Record<string, (...input: readonly unknown[]) => Promise<unknown>>)[method];
  const error = await call?.apply(service, [...input]).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InvalidInputError);
  expect(error).toMatchObject({ code, status: 400, errors: [{ path, message: expect.any(String) }] });
}

describe('chat', () => {
  const open = () =>
    new ChatService({ models: database.models, membership: { roleOf: async () => 'owner' as const } });

  it.each<Faults[number]>([
    ['send', [undefined], 'message.invalid', '/'],
    ['send', [{ ...message, body: 5 }], 'message.invalid', '/body'],
    ['send', [{ ...message, body: 'x'.repeat(8_001) }], 'message.too-long', '/body'],
    ['send', [{ ...message, body: ' ' }], 'message.empty', '/body'],
    ['send', [{ ...message, channel: operator }], 'message.invalid', '/channel'],
    ['send', [{ ...message, attachments: 'none' }], 'message.invalid', '/attachments'],
    ['send', [{ ...message, attachments: Array(21).fill(attachment) }], 'message.too-long', '/attachments'],
    [
      'send',
      [{ ...message, attachments: [{ ...attachment, size_bytes: '1' }] }],
      'message.invalid',
      '/attachments/0/size_bytes',
    ],
    ['findSent', [{ ...message, sender_id: 5 }], 'message.invalid', '/sender_id'],
    ['edit', [{ ...change, body: 5 }], 'message.invalid', '/body'],
    ['edit', [{ ...change, body: 'x'.repeat(8_001) }], 'message.too-long', '/body'],
    ['delete', [{ ...change, message_id: operator }], 'message.invalid', '/message_id'],
    ['react', [{ ...change, emoji: ' ', on: true }], 'message.emoji', '/emoji'],
    ['react', [{ ...change, emoji: '👍', on: 'yes' }], 'message.invalid', '/on'],
    ['pin', [{ ...change, on: 1 }], 'message.invalid', '/on'],
    ['history', [5, 'ada'], 'channel.invalid', '/channel'],
    ['history', [channel, 'ada', { limit: 1_000 }], 'history.window', '/limit'],
    ['history', [channel, 'ada', { before: '5' }], 'history.window', '/before'],
    ['missed', [channel, 'ada', -1], 'channel.seq', '/after_seq'],
    [
      'missed',
      [channel, 'ada', { after_seq: 0, changed_since: 'today' }],
      'channel.invalid',
      '/changed_since',
    ],
    ['bounds', [channel, operator], 'channel.invalid', '/user_id'],
    ['pinned', ['', 'ada'], 'channel.invalid', '/channel'],
    ['latestSeq', [undefined, 'ada'], 'channel.invalid', '/channel'],
    ['position', [channel, 7], 'channel.invalid', '/user_id'],
    ['rules', [[channel], 'ada'], 'channel.invalid', '/channel'],
    ['search', [channel, 'ada', { text: 5 }], 'search.text', '/text'],
    ['search', [channel, 'ada', { text: 'crane', limit: 0 }], 'search.invalid', '/limit'],
    ['setRules', [{ channel, user_id: 5 }], 'channel.invalid', '/user_id'],
    [
      'setRules',
      [{ channel, user_id: 'ada', slow_mode_seconds: '5' }],
      'channel.slow-mode',
      '/slow_mode_seconds',
    ],
    ['setRules', [{ channel, user_id: 'ada', retention_days: 0.5 }], 'channel.retention', '/retention_days'],
    ['markRead', [{ channel, user_id: 'ada', seq: '1' }], 'channel.seq', '/seq'],
    ['markDelivered', [{ channel, user_id: operator, seq: 1 }], 'channel.invalid', '/user_id'],
  ])('%s(%j) is refused with %s and the path %s', (...fault) => refuse(open(), fault));

  it.each<Faults[number]>([
    ['listMentions', [operator, part], 'channel.invalid', '/user_id'],
    ['listMentions', ['ada', { limit: '10' }], 'limit.invalid', '/limit'],
    ['listMentions', ['ada', { ...part, cursor: 5 }], 'cursor.invalid', '/cursor'],
    [
      'listLinking',
      [{ entity_type: 'projects', entity_id: 42 }, 'ada', part],
      'channel.invalid',
      '/entity_id',
    ],
  ])('messages.%s(%j) is refused with %s and the path %s', (...fault) => refuse(open().messages, fault));

  it('nothing of it is stored', async () => {
    expect(await database.models.of(ChatMessage).countDocuments({})).toBe(0);
    expect(await database.models.of(ChatReadState).countDocuments({})).toBe(0);
  });
});

describe('comments', () => {
  const entity = { entity_type: 'projects', entity_id: '42' };
  const thread = { ...entity, thread_id: 'f'.repeat(24) };
  const comment = { ...thread, comment_id: 'c-1' };

  it.each<Faults[number]>([
    ['start', [entity, { author_id: 'ada', body: 5 }], 'comment.invalid', '/body'],
    ['start', [entity, { author_id: 'ada', body: ' ' }], 'comment.empty', '/body'],
    [
      'start',
      [
        { ...entity, entity_id: 'x'.repeat(201) },
        { author_id: 'ada', body: 'x' },
      ],
      'comment.invalid',
      '/entity_id',
    ],
    ['reply', [thread, { author_id: 5, body: 'x' }], 'comment.invalid', '/author_id'],
    [
      'reply',
      [
        { ...thread, thread_id: operator },
        { author_id: 'ada', body: 'x' },
      ],
      'comment.invalid',
      '/thread_id',
    ],
    ['edit', [comment, { user_id: 'ada', body: 'x'.repeat(8_001) }], 'comment.too-long', '/body'],
    [
      'edit',
      [
        { ...comment, comment_id: 5 },
        { user_id: 'ada', body: 'x' },
      ],
      'comment.invalid',
      '/comment_id',
    ],
    ['delete', [comment, {}], 'comment.invalid', '/user_id'],
    ['setState', [thread, 'closed', 'ada'], 'comment.invalid', '/state'],
    ['follow', [thread, 'ada', 'yes'], 'comment.invalid', '/follows'],
    ['find', [{ ...thread, entity_type: operator }], 'comment.invalid', '/entity_type'],
    ['list', [{ entity_type: 'projects' }, part], 'comment.invalid', '/entity_id'],
    ['list', [entity, {}], 'limit.invalid', '/limit'],
    ['listFollowed', [operator, part], 'comment.invalid', '/user_id'],
    ['listMentioning', [operator, part], 'comment.invalid', '/user_id'],
  ])('%s(%j) is refused with %s and the path %s', (...fault) =>
    refuse(new CommentService({ models: database.models, access: accessForAllMembers }), fault),
  );
});

describe('email history', () => {
  const outbound = { message_id: 'a@b', from: mailbox, to: ['c@d'], subject: 'Span 4' };

  it.each<Faults[number]>([
    ['receive', [{ raw: 'From: a@b', mailbox }], 'mail.invalid', '/raw'],
    ['receive', [{ raw: Buffer.from('x'), mailbox: 5 }], 'mail.invalid', '/mailbox'],
    ['begin', [{ ...outbound, to: 'c@d' }], 'mail.invalid', '/to'],
    ['begin', [{ ...outbound, subject: undefined }], 'mail.invalid', '/subject'],
    ['finish', ['a@b', 'delivered'], 'mail.invalid', '/state'],
    ['listOfEntity', [{ entity_type: operator, entity_id: '42' }, part], 'mail.invalid', '/entity_type'],
    ['listConversation', [operator, part], 'mail.invalid', '/thread_id'],
    ['listOfParticipant', [5, part], 'mail.invalid', '/address'],
    ['listMalformed', [{ limit: 0 }], 'limit.invalid', '/limit'],
  ])('%s(%j) is refused with %s and the path %s', (...fault) =>
    refuse(mails.history satisfies EmailHistory, fault),
  );
});
