import { NotFoundError, type EntityReference } from '@infratraq/kernel';
import type { Models, Page, Stored } from '@infratraq/mongo';
import { Types } from 'mongoose';
import { checkInput } from '../../checking/check-input.js';
import { checkPart, type PagePart } from '../../checking/page-part.js';
import { chatSchemas } from '../chat-schemas.js';
import { admit, type ChannelAct, type ChatMembership } from '../membership.js';
import { ChatMessage } from '../../collections/chat-message.js';
import {
  listMentionsOfUser,
  listMessagesLinkingEntity,
  listRepliesToMessage,
  unlistedFields,
} from '../../collections/chat-message.queries.js';
import type { SendMessage } from '../sending/draft-message.js';
import type { VisibleHistory } from './visible-history.js';

const listed = { omit: unlistedFields };

/** Lists of messages across channels. */
export type MessageLists = Pick<VisibleMessages, 'listThread' | 'listMentions' | 'listLinking'>;

/** Finds messages for a user. A message that the user may not see is treated as unknown. */
export class VisibleMessages {
  readonly #models: Models;
  readonly #membership: ChatMembership;
  readonly #history: VisibleHistory;

  constructor(models: Models, membership: ChatMembership, history: VisibleHistory) {
    this.#models = models;
    this.#membership = membership;
    this.#history = history;
  }

  /** @throws NotFoundError `message.unknown`; ForbiddenError `channel.forbidden` for a reader who wants to post */
  async find(messageId: string, userId: string, act: ChannelAct): Promise<Stored<ChatMessage>> {
    if (!/^[0-9a-f]{24}$/.test(messageId)) throw unknownMessage(messageId);
    const message = await this.read(new Types.ObjectId(messageId));
    if (!(await this.#membership.roleOf(message.channel, userId))) throw unknownMessage(messageId);
    await admit(this.#membership, message.channel, userId, act);
    if (message.seq < (await this.#history.floorOf(message.channel, userId))) throw unknownMessage(messageId);
    return message;
  }

  /**
   * The first message of the thread that a reply joins.
   * @throws NotFoundError `message.unknown`, also for a parent of another channel
   */
  async findThread({ channel, sender_id, parent_id = '' }: SendMessage): Promise<Types.ObjectId> {
    const parent = await this.find(parent_id, sender_id, 'read');
    if (parent.channel !== channel) throw unknownMessage(parent_id);
    return parent.parent_id ?? parent._id;
  }

  /**
   * Replies of the thread to which a message belongs, oldest first.
   * @throws NotFoundError `message.unknown`
   */
  async listThread(messageId: string, userId: string, part: PagePart): Promise<Page<Stored<ChatMessage>>> {
    const { _id, channel, parent_id = _id } = await this.find(messageId, userId, 'read');
    return this.#showTo(
      userId,
      await this.#models.page(listRepliesToMessage, { channel, parent_id }, checkPart(part), listed),
    );
  }

  /** Messages of any channel that mention the user, newest first. */
  async listMentions(userId: string, part: PagePart): Promise<Page<Stored<ChatMessage>>> {
    const user = checkInput(chatSchemas.user, { user_id: userId }, 'channel.invalid');
    return this.#showTo(userId, await this.#models.page(listMentionsOfUser, user, checkPart(part), listed));
  }

  /** Messages of any channel that link to an entity, newest first. */
  async listLinking(
    entity: EntityReference,
    userId: string,
    part: PagePart,
  ): Promise<Page<Stored<ChatMessage>>> {
    const linked = checkInput(chatSchemas.entity, entity, 'channel.invalid');
    return this.#showTo(
      userId,
      await this.#models.page(listMessagesLinkingEntity, linked, checkPart(part), listed),
    );
  }

  /** @throws NotFoundError `message.unknown` */
  async read(_id: Types.ObjectId): Promise<Stored<ChatMessage>> {
    const message = await this.#models
      .of(ChatMessage)
      .findOne({ _id })
      .read('primary')
      .lean<Stored<ChatMessage> | null>();
    if (!message) throw unknownMessage(_id.toHexString());
    return message;
  }

  async #showTo(userId: string, page: Page<Stored<ChatMessage>>): Promise<Page<Stored<ChatMessage>>> {
    const floors = new Map<string, number>();
    for (const channel of new Set(page.items.map((message) => message.channel))) {
      const role = await this.#membership.roleOf(channel, userId);
      floors.set(channel, role ? await this.#history.floorOf(channel, userId) : Infinity);
    }
    return {
      ...page,
      items: page.items.filter(({ channel, seq }) => seq >= (floors.get(channel) as number)),
    };
  }
}

function unknownMessage(messageId: string): NotFoundError {
  return new NotFoundError(`There is no message ${messageId} that you can see`, 'message.unknown');
}
