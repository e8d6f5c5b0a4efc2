import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  type Actor,
  type EntityAccess,
} from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import { checkInput } from '../../checking/check-input.js';
import { admit, archived, mayManage, type ChatMembership } from '../membership.js';
import { ChannelLists, type ChannelView, type ListChannels } from './channel-lists.js';
import { describeChannel, type ChannelNotice, type ChannelNotices } from './channel-notices.js';
import { channelSchemas, mostMembers, type CreateChannel } from './channel-schemas.js';
import type { ChannelStore, Member, StoredChannel } from './channel-store.js';
import { draftChannel } from './draft-channel.js';

/** Storage and ports of channels. */
export interface ChannelOptions {
  readonly models: Models;
  readonly store: ChannelStore;
  readonly membership: ChatMembership;
  readonly access: EntityAccess;
  /** Drops what this process remembers of a channel, or of one member, that it has just changed. */
  readonly refresh?: (channel: string, userId?: string) => void;
}

type NewMember = Pick<Member, 'user_id'> & { readonly role?: 'manager' | 'member' | 'reader' };

/**
 * Channels that people make: groups, direct channels between two, and channels of an entity, whose members are those who
 * may see it. Managers change a channel and its members; operators and admins may too, without reading what is written.
 */
export class ChannelService implements ChannelNotices {
  readonly #options: ChannelOptions;
  readonly #lists: ChannelLists;
  readonly #listeners = new Set<(notice: ChannelNotice) => void>();

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#lists = new ChannelLists(options);
  }

  onNotice(listener: (notice: ChannelNotice) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Makes a channel. The same key, or the same two users of a direct channel, get the channel that stands.
   * @throws InvalidInputError `channel.invalid`, `user.unknown`; ConflictError `channel.key-reused`; NotFoundError
   * `entity.unknown` and ForbiddenError `access.role-too-low` for a channel of an entity
   */
  async create(actor: Actor, given: CreateChannel): Promise<{ channel: ChannelView; created: boolean }> {
    const { store, access } = this.#options;
    const { draft, members } = await draftChannel(access, actor, given);
    await this.#requireUsers(members.map(({ user_id }) => user_id));
    const { channel, created } = await store.create(draft, members);
    const isSame =
      channel.kind === 'direct' && draft.kind === 'direct' && channel.direct_key === draft.direct_key;
    if (!created && !isSame && channel.fingerprint !== draft.fingerprint)
      throw new ConflictError(
        `You have made another channel as ${draft.client_channel_id}; give each channel a key of its own`,
        'channel.key-reused',
      );
    if (created) {
      const users = members.map(({ user_id }) => user_id);
      this.#tell({ event: 'channel:created', users, payload: describeChannel(channel) });
    }
    return { channel: await this.#lists.read(actor, channel.channel_id), created };
  }

  /** The user's channels, the latest joined first, with unread counts and last messages. */
  list(actor: Actor, part: ListChannels) {
    return this.#lists.list(actor, part);
  }

  /**
   * A channel with its stored members.
   * @throws ForbiddenError `channel.forbidden` for others than members, operators and admins
   */
  async get(actor: Actor, channel: string): Promise<ChannelView & { readonly members: readonly Member[] }> {
    checkInput(channelSchemas.channel, channel, 'channel.invalid');
    if (!isOperator(actor)) await this.#admit(actor, channel);
    const view = await this.#lists.read(actor, channel);
    return { ...view, members: await this.#options.store.listMembers(channel) };
  }

  /**
   * Renames a channel, archives it (it can be read, and no longer changed), or takes it back into use.
   * @throws ForbiddenError `channel.forbidden`; NotFoundError `channel.unknown`; ConflictError `channel.archived`,
   * `channel.direct-fixed`
   */
  async change(
    actor: Actor,
    channel: string,
    given: { readonly title?: string | undefined; readonly archived?: boolean | undefined },
  ): Promise<ChannelView> {
    const change = checkInput(channelSchemas.change, given, 'channel.invalid');
    const before = await this.#requireManager(actor, channel);
    if (before.kind === 'direct' && change.title !== undefined) throw directIsFixed();
    const isArchived = before.archived_at !== null;
    if (isArchived && change.archived !== false && change.title !== undefined) throw archived(channel);
    const archives = change.archived !== undefined && change.archived !== isArchived;
    const after = await this.#options.store.change(channel, {
      title: change.title,
      archived_at: archives ? (change.archived ? new Date() : null) : undefined,
    });
    if (!after) throw unknownChannel(channel);
    this.#options.refresh?.(channel);
    if (archives || after.title !== before.title)
      this.#tell({
        event: archives && change.archived ? 'channel:archived' : 'channel:updated',
        users: await this.#memberIds(channel),
        payload: describeChannel(after),
      });
    return this.#lists.read(actor, channel);
  }

  /**
   * Adds a member, who may join at once, or changes a member's role.
   * @throws InvalidInputError `user.unknown`; ConflictError `channel.last-manager`, `channel.full`,
   * `channel.not-in-scope`; errors as for {@link change}
   */
  async putMember(actor: Actor, channel: string, given: NewMember): Promise<Member> {
    const { role } = checkInput(channelSchemas.member, { role: given.role }, 'channel.invalid');
    const user_id = checkInput(channelSchemas.user_id, given.user_id, 'channel.invalid');
    const found = await this.#requireManager(actor, channel);
    if (found.kind === 'direct') throw directIsFixed();
    if (found.archived_at !== null) throw archived(channel);
    await this.#requireUsers([user_id]);
    if (found.members_by_scope && !(await this.#options.membership.roleOf(channel, user_id)))
      throw new ConflictError(`${user_id} may not see the entity of ${channel}`, 'channel.not-in-scope');
    const outcome = await this.#options.store.putMember(channel, { user_id, role }, mostMembers);
    if (outcome === 'last-manager') throw lastManager(channel);
    if (outcome === 'full')
      throw new ConflictError(`${channel} has ${mostMembers} members, the most it may have`, 'channel.full');
    this.#options.refresh?.(channel, user_id);
    if (outcome === 'added')
      this.#tell({
        event: 'member:added',
        users: await this.#memberIds(channel),
        payload: { channel, user_id, role },
      });
    return { user_id, role };
  }

  /**
   * Removes a member, or leaves. The last manager who leaves hands the channel over to another member, or it is archived;
   * nobody else can remove the last manager.
   * @throws ConflictError `channel.last-manager`, `channel.direct-fixed`, `channel.members-by-scope`; InvalidInputError
   * `channel.successor`; NotFoundError `member.unknown`; errors as for {@link change}
   */
  async removeMember(
    actor: Actor,
    channel: string,
    userId: string,
    { successor }: { readonly successor?: string | undefined } = {},
  ): Promise<{ readonly archived: boolean }> {
    const { store, refresh } = this.#options;
    const leaves = userId === actor.user_id;
    checkInput(channelSchemas.channel, channel, 'channel.invalid');
    checkInput(channelSchemas.user_id, userId, 'channel.invalid');
    const found = leaves ? await this.#admitTo(actor, channel) : await this.#requireManager(actor, channel);
    if (found.kind === 'direct') throw directIsFixed();
    if (!leaves && found.archived_at !== null) throw archived(channel);
    const users = await this.#memberIds(channel);
    if (found.members_by_scope && !users.includes(userId))
      throw new ConflictError(
        `Members of ${channel} are those who may see its entity; mute it instead`,
        'channel.members-by-scope',
      );
    const outcome = await store.removeMember(channel, userId, { successor, archives: leaves });
    if (outcome === 'last-manager') throw lastManager(channel);
    if (outcome === 'no-successor')
      throw new InvalidInputError(`${successor} is no member of ${channel} who could take it over`, {
        code: 'channel.successor',
      });
    if (!outcome.removed) throw new NotFoundError(`${userId} is no member of ${channel}`, 'member.unknown');
    refresh?.(channel);
    refresh?.(channel, userId);
    if (successor !== undefined) refresh?.(channel, successor);
    // The user has only lost the stored role: they still see the entity.
    if (found.members_by_scope) return { archived: false };
    this.#tell({ event: 'member:removed', users, payload: { channel, user_id: userId } });
    if (outcome.archived) this.#tell({ event: 'channel:archived', users, payload: describeChannel(found) });
    return { archived: outcome.archived };
  }

  /**
   * Turns notifications of mentions in a channel off, or on again, for the user alone. What is unread is still counted.
   * @throws ForbiddenError `channel.forbidden`
   */
  async mute(actor: Actor, channel: string, on: boolean): Promise<void> {
    await this.#admitTo(actor, channel);
    await this.#options.store.setMuted(channel, actor.user_id, on);
  }

  #tell(notice: ChannelNotice): void {
    for (const listener of this.#listeners) listener(notice);
  }

  async #memberIds(channel: string): Promise<string[]> {
    return (await this.#options.store.listMembers(channel)).map(({ user_id }) => user_id);
  }

  async #requireUsers(userIds: readonly string[]): Promise<void> {
    const unknown = await this.#options.store.listUnknownUsers(userIds);
    if (unknown.length === 0) return;
    throw new InvalidInputError(`There is no active user ${unknown.slice(0, 5).join(', ')}`, {
      code: 'user.unknown',
    });
  }

  #admit({ user_id }: Actor, channel: string) {
    return admit(this.#options.membership, channel, user_id, 'read');
  }

  async #admitTo(actor: Actor, channel: string): Promise<StoredChannel> {
    checkInput(channelSchemas.channel, channel, 'channel.invalid');
    await this.#admit(actor, channel);
    return this.#find(channel);
  }

  async #requireManager(actor: Actor, channel: string): Promise<StoredChannel> {
    checkInput(channelSchemas.channel, channel, 'channel.invalid');
    if (!isOperator(actor) && !mayManage(await this.#admit(actor, channel)))
      throw new ForbiddenError(`Only a manager of ${channel} can do this`, 'channel.forbidden');
    return this.#find(channel);
  }

  async #find(channel: string): Promise<StoredChannel> {
    const found = await this.#options.store.find(channel);
    if (!found) throw unknownChannel(channel);
    return found;
  }
}

function isOperator({ roles }: Actor): boolean {
  return roles.includes('operator') || roles.includes('admin');
}

function unknownChannel(channel: string): NotFoundError {
  return new NotFoundError(`There is no channel ${channel}`, 'channel.unknown');
}

function directIsFixed(): ConflictError {
  return new ConflictError(
    'A direct channel keeps its two members and has no title; mute it, or make a group',
    'channel.direct-fixed',
  );
}

function lastManager(channel: string): ConflictError {
  return new ConflictError(
    `This is the last manager of ${channel}; make another member a manager first`,
    'channel.last-manager',
  );
}
