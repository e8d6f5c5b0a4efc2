import { NotFoundError } from '@infratraq/kernel';
import { trusted, type Models, type Page, type Stored } from '@infratraq/mongo';
import { Types } from 'mongoose';
import { statesBefore } from '../collections/delivery-state.js';
import type { NotificationEvents } from '../context/notification-context.js';
import { NotificationDelivery } from '../collections/notification-delivery.js';
import { listInboxOfRecipient, listUnreadOfRecipient } from '../collections/notification-delivery.queries.js';

type Item = Stored<NotificationDelivery>;

/** The notifications of a user within the product: listed, seen, read and archived. */
export class Inbox {
  readonly #models: Models;
  readonly #events: NotificationEvents | undefined;
  readonly #now: () => Date;

  /** `events` are those of the service: they tell other sessions of a user about changes. */
  constructor(options: { models: Models; events?: NotificationEvents; now?: () => Date }) {
    this.#models = options.models;
    this.#events = options.events;
    this.#now = options.now ?? (() => new Date());
  }

  /** Lists the inbox, newest first. */
  list(
    userId: string,
    { unread, ...page }: { unread?: boolean | undefined; cursor?: string | undefined; limit: number },
  ): Promise<Page<Item>> {
    const query = unread ? listUnreadOfRecipient : listInboxOfRecipient;
    return this.#models.page(query, { recipient_id: userId }, page, {
      omit: ['transitions', 'attempts', 'data', 'template', 'collapsed'],
    });
  }

  /** @throws NotFoundError `inbox.item-unknown` */
  async find(userId: string, itemId: string): Promise<Item> {
    const item = await this.#models
      .of(NotificationDelivery)
      .findOne({ ...itemOf(userId, itemId), retracted_at: trusted({ $exists: false }) })
      .lean<Item | null>();
    if (!item) throw unknownItem(itemId);
    return item;
  }

  /** Finds an item, even a retracted one. */
  peek(userId: string, itemId: string): Promise<Item | null> {
    return this.#models.of(NotificationDelivery).findOne(itemOf(userId, itemId)).lean<Item | null>().exec();
  }

  countUnread(userId: string): Promise<number> {
    return this.#models.of(NotificationDelivery).countDocuments({ recipient_id: userId, unread: true });
  }

  /** The recipient has had it on the screen. */
  async markSeen(userId: string, itemIds: readonly string[]): Promise<void> {
    const ids = itemIds.filter((id) => Types.ObjectId.isValid(id)).map((id) => new Types.ObjectId(id));
    const { modifiedCount } = await this.#models.of(NotificationDelivery).updateMany(
      {
        _id: trusted({ $in: ids }),
        recipient_id: userId,
        channel: 'in_app',
        'engagement.seen_at': trusted({ $exists: false }),
      },
      { $set: { 'engagement.seen_at': this.#now() } },
    );
    if (modifiedCount > 0) this.#events?.emit('inbox:changed', { user_id: userId });
  }

  /**
   * The recipient has opened it. The first time counts; reading it again changes nothing.
   * @throws NotFoundError `inbox.item-unknown`
   */
  async markRead(userId: string, itemId: string): Promise<void> {
    await this.#engage(userId, itemId, 'read_at');
  }

  /** @throws NotFoundError `inbox.item-unknown` */
  async markClicked(userId: string, itemId: string): Promise<void> {
    await this.#engage(userId, itemId, 'clicked_at');
  }

  /**
   * Puts an item away.
   * @throws NotFoundError `inbox.item-unknown`
   */
  async archive(userId: string, itemId: string): Promise<void> {
    const { matchedCount } = await this.#models.of(NotificationDelivery).updateOne(itemOf(userId, itemId), {
      $set: { 'engagement.dismissed_at': this.#now() },
      $unset: { unread: '' },
    });
    if (matchedCount === 0) throw unknownItem(itemId);
    this.#events?.emit('inbox:changed', { user_id: userId, item_id: itemId });
  }

  /** Marks everything as read that came before now; answers how much that was. */
  async markAllRead(userId: string): Promise<number> {
    const at = this.#now();
    const unread = { recipient_id: userId, unread: true, queued_at: trusted({ $lte: at }) };
    const { modifiedCount } = await this.#models.of(NotificationDelivery).updateMany(unread, {
      $set: { state: 'read', 'engagement.read_at': at },
      $unset: { unread: '' },
      $push: { transitions: { to: 'read', at, reported_by: 'recipient' } },
    });
    if (modifiedCount > 0) this.#events?.emit('inbox:changed', { user_id: userId });
    return modifiedCount;
  }

  async #engage(userId: string, itemId: string, field: 'read_at' | 'clicked_at'): Promise<void> {
    const at = this.#now();
    const item = itemOf(userId, itemId);
    const fields = field === 'read_at' ? [field] : ['read_at', field];
    const engage = fields.map((name) => ({
      filter: { ...item, [`engagement.${name}`]: trusted({ $exists: false }) },
      update: { $set: { [`engagement.${name}`]: at }, $unset: { unread: '' } },
    }));
    const { modifiedCount } = await this.#models
      .of(NotificationDelivery)
      .bulkWrite([moveToRead(item, at), ...engage].map((updateOne) => ({ updateOne })) as never[]);
    if (modifiedCount === 0) return void (await this.find(userId, itemId));
    this.#events?.emit('inbox:changed', { user_id: userId, item_id: itemId });
  }
}

/** An item that was never sent (it expired, or was withdrawn) can be read, but stays what it is. */
function moveToRead(filter: object, at: Date) {
  return {
    filter: { ...filter, state: trusted({ $in: statesBefore('read') }) },
    update: { $set: { state: 'read' }, $push: { transitions: { to: 'read', at, reported_by: 'recipient' } } },
  };
}

function itemOf(userId: string, itemId: string) {
  if (!Types.ObjectId.isValid(itemId)) throw unknownItem(itemId);
  return { _id: new Types.ObjectId(itemId), recipient_id: userId, channel: 'in_app' as const };
}

function unknownItem(itemId: string): NotFoundError {
  return new NotFoundError(`There is no item ${itemId} in this inbox`, 'inbox.item-unknown');
}
