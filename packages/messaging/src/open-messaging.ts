import {
  openParts,
  repeat,
  warnOfError,
  type CollectionStates,
  type EntityAccess,
  type Notifier,
  type ReportError,
} from '@infratraq/kernel';
import { openModels, type MongoSource } from '@infratraq/mongo';
import type { ChatOptions } from './chat/chat-options.js';
import { ChatService } from './chat/chat-service.js';
import { ChatMessage } from './collections/chat-message.js';
import { ChatReadState } from './collections/chat-read-state.js';
import { CommentThread } from './collections/comment-thread.js';
import { EmailCommunication } from './collections/email-communication.js';
import { CommentService } from './comments/comment-service.js';
import type { EmailHistoryOptions } from './email/email-history-options.js';
import { EmailHistory } from './email/email-history.js';

/** Storage, addresses and ports of email history. */
export type EmailsOptions = Omit<EmailHistoryOptions, 'models' | 'access'>;

/** Storage and ports that all parts of messaging share. */
export type OpenMessagingOptions = MongoSource & {
  /** Decides who may see an entity, and with it the comments and mails about it. */
  readonly access: EntityAccess;
  /** Notifies users of mentions and comments; without it nobody is notified. */
  readonly notifier?: Notifier | undefined;
  /** Receives failures in the background. @default warnings of the process */
  readonly onError?: ReportError | undefined;
  readonly states?: CollectionStates | undefined;
};

/** Opens chat: the port that decides who may read and post in a channel, and limits of all channels. */
export type ChatPart = Pick<ChatOptions, 'membership' | 'sendRate' | 'retentionDays'>;
/** Opens email history. */
export interface EmailsPart {
  readonly emails: EmailsOptions;
}

type Without<Part> = { readonly [Name in keyof Part]?: undefined };

/** Comments, and the function that closes what was opened. */
export interface OpenedMessaging {
  readonly comments: CommentService;
  /** Stops what runs in the background, and closes the connection if it was opened here. */
  close(): Promise<void>;
}
/** Messaging with chat. */
export interface OpenedChat extends OpenedMessaging {
  readonly chat: ChatService;
}
/** Messaging with email history. */
export interface OpenedEmails extends OpenedMessaging {
  readonly emails: EmailHistory;
}

const announceMilliseconds = 30_000;

/**
 * Opens comments; chat, if `membership` is given; and email history, if `emails` is given. Collections of other parts
 * are left alone. With a `notifier`, notifications that a crash left unsent are sent within two minutes.
 *
 * @throws InfratraqError `mongo.unreachable`
 * @example
 * const membership = { roleOf: async (channel, userId) => 'member' as const };
 * const { chat, comments, close } = await openMessaging({ mongodbUri, access, membership });
 */
export function openMessaging(
  options: OpenMessagingOptions & ChatPart & EmailsPart,
): Promise<OpenedChat & OpenedEmails>;
export function openMessaging(
  options: OpenMessagingOptions & Without<ChatPart> & EmailsPart,
): Promise<OpenedEmails>;
export function openMessaging(
  options: OpenMessagingOptions & Without<ChatPart> & Without<EmailsPart>,
): Promise<OpenedMessaging>;
export function openMessaging(
  options: OpenMessagingOptions & ChatPart & Without<EmailsPart>,
): Promise<OpenedChat>;
export async function openMessaging(
  options: OpenMessagingOptions & Partial<ChatPart & EmailsPart>,
): Promise<OpenedMessaging & Partial<OpenedChat & OpenedEmails>> {
  const { access, membership, emails, notifier, onError = warnOfError, states } = options;
  const collections = [
    CommentThread,
    ...(membership ? [ChatMessage, ChatReadState] : []),
    ...(emails ? [EmailCommunication] : []),
  ];
  return openParts(async (defer) => {
    const { models, close } = await openModels(options, collections, states && { states });
    defer(close);
    const comments = new CommentService({ models, access, notifier, onError });
    const { sendRate, retentionDays } = options;
    const chat =
      membership && new ChatService({ models, membership, sendRate, retentionDays, notifier, onError });
    for (const service of notifier ? [comments, ...(chat ? [chat] : [])] : []) {
      const announcing = repeat(() => service.announcePending(), {
        everyMilliseconds: announceMilliseconds,
        onError: (error) => onError(error, 'announcing comments and mentions'),
      });
      defer(() => announcing.stop());
    }
    return {
      comments,
      ...(chat && { chat }),
      ...(emails && { emails: new EmailHistory({ ...emails, models, access }) }),
    };
  });
}
