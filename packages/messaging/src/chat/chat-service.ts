import { InvalidInputError, warnOfError } from '@infratraq/kernel';
import type { Models, Stored } from '@infratraq/mongo';
import { MessageAppender, type AppendedMessage } from './sending/append-numbered-messages.js';
import { checkInput } from '../checking/check-input.js';
import type { ChatOptions } from './chat-options.js';
import type { ChangedMessage } from './changing/change-message.js';
import { MessageChanges, type MessageChange } from './changing/message-changes.js';
import { chatSchemas } from './chat-schemas.js';
import { ChannelEnds } from './history/channel-ends.js';
import { changeRules } from './rules/channel-rules.js';
import {
  admit,
  type ChannelAct,
  type ChannelRole,
  type ChannelRuleChange,
  type ChannelRules,
  type ChatMembership,
} from './membership.js';
import type { ChatMessage } from '../collections/chat-message.js';
import {
  findMessageByClientId,
  listPinnedMessages,
  unlistedFields,
} from '../collections/chat-message.queries.js';
import type { SendMessage } from './sending/draft-message.js';
import { Announcer } from '../announcements/announcer.js';
import { announceMessages } from './message-announcements.js';
import { countUnread } from './history/count-unread.js';
import { readHistory, type History, type HistoryWindow } from './history/read-history.js';
import { readMissed, type KnownHistory, type MissedMessages } from './history/read-missed.js';
import { ReadPositions, type Position, type PositionMove } from './read-positions.js';
import { searchMessages, type FoundMessages, type MessageSearch } from './history/search-messages.js';
import { MessageSender } from './sending/send-message.js';
import { SendRate } from './rules/send-rate.js';
import { VisibleHistory, type VisibleBounds } from './history/visible-history.js';
import { VisibleMessages, type MessageLists } from './history/visible-messages.js';

const pinnedLimit = 200;
const tooLong = Object.fromEntries(
  ['body', 'attachments', 'links'].map((field) => [`${field}:too_big`, 'message.too-long']),
);

/**
 * Chat without a transport. Messages are numbered within their channel without gaps, and stored once however often they
 * are sent. Any number of processes may serve the same channel.
 */
export class ChatService {
  /** Lists messages across channels: of a thread, with a mention, or linked to an entity. */
  readonly messages: MessageLists;
  /** Decides who may read and post in a channel. */
  readonly membership: ChatMembership;
  readonly #models: Models;
  readonly #ends: ChannelEnds;
  readonly #positions: ReadPositions;
  readonly #history: VisibleHistory;
  readonly #visible: VisibleMessages;
  readonly #sender: MessageSender;
  readonly #rate: SendRate | undefined;
  readonly #retentionDays: number | undefined;
  readonly #announcer: Announcer<Stored<ChatMessage>, Stored<ChatMessage>> | undefined;
  readonly #changes: MessageChanges;

  constructor(options: ChatOptions) {
    const { models, membership, sendRate, retentionDays, notifier, onError = warnOfError, now } = options;
    this.#models = models;
    this.membership = membership;
    this.#ends = new ChannelEnds(models);
    this.#positions = new ReadPositions(models);
    this.#history = new VisibleHistory(models, membership, this.#ends);
    this.#visible = new VisibleMessages(models, membership, this.#history);
    this.messages = this.#visible;
    const appender = new MessageAppender(models, this.#ends);
    this.#announcer =
      notifier && new Announcer({ source: announceMessages(models, membership), notifier, onError, now });
    this.#sender = new MessageSender({
      models,
      membership,
      appender,
      visible: this.#visible,
      visibleFiles: options.visibleFiles,
      announces: notifier !== undefined,
    });
    this.#rate = sendRate && new SendRate(sendRate);
    this.#retentionDays = retentionDays;
    this.#changes = new MessageChanges({
      models,
      membership,
      visible: this.#visible,
      rate: this.#rate,
      announcer: this.#announcer,
    });
  }

  /**
   * Sends a message. A retry with the same `client_message_id` answers the stored message; another message under it is
   * refused.
   * Resolves once a majority of the database's nodes has it.
   * @throws ForbiddenError `channel.forbidden`; InvalidInputError `message.empty`, `message.too-long`,
   * `message.invalid`, `message.attachment-unknown`; ConflictError `message.key-reused`; NotFoundError
   * `message.unknown` for the parent; InfratraqError `channel.busy`, `message.too-fast`, `channel.slow-mode`, with the
   * time to wait
   */
  async send(given: SendMessage): Promise<AppendedMessage> {
    const input = checkInput(chatSchemas.send, given, 'message.invalid', tooLong);
    const role = await admit(this.membership, input.channel, input.sender_id, 'post');
    this.#rate?.take(input.sender_id);
    const appended = await this.#sender.send(input, role);
    await this.#announcer?.announce(appended.message);
    return appended;
  }

  /**
   * The message with this `client_message_id`, if it was stored. For clients that got no answer to their last attempt.
   */
  async findSent(
    key: Pick<SendMessage, 'channel' | 'sender_id' | 'client_message_id'>,
  ): Promise<Stored<ChatMessage> | null> {
    const sent = checkInput(chatSchemas.sent, key, 'message.invalid');
    await this.admit(sent.channel, sent.sender_id, 'read');
    return this.#models.findOne(findMessageByClientId, sent);
  }

  /**
   * Messages before, after or around a place, oldest first; the latest ones when no place is given.
   * @throws ForbiddenError `channel.forbidden`; InvalidInputError `history.window`
   */
  async history(channel: string, userId: string, window: HistoryWindow = {}): Promise<History> {
    const checked = checkInput(chatSchemas.history, window, 'history.window');
    return readHistory(this.#models, channel, checked, await this.bounds(channel, userId));
  }

  /**
   * Messages that a member has missed since their last one, or that their copy must be reloaded.
   * @throws ForbiddenError `channel.forbidden`
   */
  async missed(channel: string, userId: string, known: KnownHistory | number): Promise<MissedMessages> {
    const place = typeof known === 'number' ? { after_seq: known } : known;
    const checked = checkInput(chatSchemas.known, place, 'channel.invalid', { after_seq: 'channel.seq' });
    return readMissed(this.#models, channel, checked, await this.bounds(channel, userId));
  }

  /**
   * Beginning and end of the channel for a member.
   * @throws ForbiddenError `channel.forbidden`
   */
  async bounds(channel: string, userId: string): Promise<VisibleBounds> {
    await this.admit(channel, userId, 'read');
    return this.#history.boundsOf(channel, userId);
  }

  /**
   * Pinned messages of a channel that the member may see, the latest pin first; 200 at most.
   * @throws ForbiddenError `channel.forbidden`
   */
  async pinned(channel: string, userId: string): Promise<Stored<ChatMessage>[]> {
    await this.admit(channel, userId, 'read');
    const [floor, found] = await Promise.all([
      this.#history.floorOf(channel, userId),
      this.#models.find(listPinnedMessages, { channel }, { limit: pinnedLimit, omit: unlistedFields }),
    ]);
    return found.filter(({ seq }) => seq >= floor);
  }

  /**
   * Pins a message to its channel, or unpins it. Repeating the call changes nothing.
   * @throws NotFoundError `message.unknown`; ConflictError `message.deleted`; InfratraqError `message.too-fast`
   */
  pin(change: MessageChange & { readonly on: boolean }): Promise<ChangedMessage> {
    return this.#changes.pin(change);
  }

  /**
   * Visible messages that contain all words of a text, newest first.
   * @throws ForbiddenError `channel.forbidden`; InvalidInputError `search.text`
   */
  async search(channel: string, userId: string, search: MessageSearch): Promise<FoundMessages> {
    const checked = checkInput(chatSchemas.search, search, 'search.invalid', { text: 'search.text' });
    return searchMessages(this.#models, channel, checked, await this.bounds(channel, userId));
  }

  /** The channel's rules; errors as for {@link bounds}. */
  async rules(channel: string, userId: string): Promise<ChannelRules> {
    await this.admit(channel, userId, 'read');
    return (await this.membership.rulesOf?.(channel)) ?? {};
  }

  /**
   * Changes a channel's rules for one of its owners; null removes a rule.
   * @throws ForbiddenError `channel.forbidden`; InvalidInputError `channel.slow-mode`, `channel.retention`
   */
  setRules(change: { channel: string; user_id: string } & ChannelRuleChange): Promise<void> {
    return changeRules(this.membership, change, this.#retentionDays);
  }

  /** The channel's highest `seq`; 0 while it is empty. */
  async latestSeq(channel: string, userId: string): Promise<number> {
    await this.admit(channel, userId, 'read');
    return this.#ends.latestSeq(channel);
  }

  /**
   * Replaces the body of the user's own message and keeps the earlier one.
   * @throws ForbiddenError `message.forbidden`; NotFoundError `message.unknown`; ConflictError `message.deleted`;
   * InfratraqError `message.too-fast`
   */
  edit(change: MessageChange & { readonly body: string }): Promise<ChangedMessage> {
    return this.#changes.edit(change);
  }

  /**
   * Deletes the user's own message, or any message for an owner of the channel. A tombstone keeps its number.
   * @throws ForbiddenError `message.forbidden`; NotFoundError `message.unknown`; InfratraqError `message.too-fast`
   */
  delete(change: MessageChange): Promise<ChangedMessage> {
    return this.#changes.delete(change);
  }

  /**
   * Adds or removes a reaction. Repeating the call changes nothing.
   * @throws NotFoundError `message.unknown`; ConflictError `message.deleted`, `message.reactions`; InfratraqError
   * `message.too-fast`
   */
  react(change: MessageChange & { readonly emoji: string; readonly on: boolean }): Promise<ChangedMessage> {
    return this.#changes.react(change);
  }

  /**
   * Moves the member's read position up to a message.
   * @throws ForbiddenError `channel.forbidden`; InvalidInputError `channel.seq` beyond the latest message
   */
  async markRead(move: PositionMove): Promise<Position & { changed: boolean }> {
    return this.#positions.markRead(await this.#checkStored(move));
  }

  /** Moves the member's delivered position; errors as for {@link markRead}. */
  async markDelivered(move: PositionMove): Promise<Position & { changed: boolean }> {
    return this.#positions.markDelivered(await this.#checkStored(move));
  }

  /** Like {@link markDelivered}, for a message that is known to be stored. */
  markReceived(move: PositionMove): Promise<Position & { changed: boolean }> {
    return this.#positions.markDelivered(move);
  }

  /** The member's position, and the number of unread messages; deleted ones are not counted. */
  async position(channel: string, userId: string): Promise<Position & { unread_count: number }> {
    return this.positionWithin(channel, userId, await this.bounds(channel, userId));
  }

  /** Like {@link position}, for a member whose bounds were just read. */
  async positionWithin(
    channel: string,
    userId: string,
    { first_seq, latest_seq }: Pick<VisibleBounds, 'first_seq' | 'latest_seq'>,
  ): Promise<Position & { unread_count: number }> {
    const position = await this.#positions.find(channel, userId);
    const begun = Math.max(position.read_seq, first_seq - 1);
    const unread_count = await countUnread(this.#models, { channel, after: begun, latest_seq });
    return { ...position, unread_count };
  }

  /**
   * Sends and retracts notifications that a crash or an absent notifier has left unsent for a minute or more; returns the
   * number of messages. Call it at start and at an interval.
   */
  async announcePending(): Promise<number> {
    return (await this.#announcer?.sweep()) ?? 0;
  }

  /** @throws ForbiddenError `channel.forbidden` unless the user may do this in the channel */
  async admit(channel: string, userId: string, act: ChannelAct): Promise<ChannelRole> {
    const member = { channel, user_id: userId };
    checkInput(chatSchemas.member, member, 'channel.invalid');
    return admit(this.membership, channel, userId, act);
  }

  async #checkStored(given: PositionMove): Promise<PositionMove> {
    const move = checkInput(chatSchemas.position, given, 'channel.invalid', { seq: 'channel.seq' });
    const { channel, user_id, seq } = move;
    const latest = await this.latestSeq(channel, user_id);
    if (seq > latest)
      throw new InvalidInputError(`${channel} has no message ${seq} yet; its latest is ${latest}`, {
        code: 'channel.seq',
      });
    return move;
  }
}
