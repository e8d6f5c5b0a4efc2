import { NotFoundError, type Actor, type EntityAccess } from '@infratraq/kernel';
import type { Models, Page } from '@infratraq/mongo';
import { VisibleHistory } from '../history/visible-history.js';
import type { ChannelRole, ChatMembership } from '../membership.js';
import { readActivity, type ChannelActivity } from './channel-activity.js';
import { roleInList } from './channel-roles.js';
import type { ChannelOfUser, ChannelStore, ListedPart } from './channel-store.js';

/** A channel as one user sees it. */
export interface ChannelView extends Pick<
  ChannelOfUser,
  | 'channel_id'
  | 'kind'
  | 'title'
  | 'entity_type'
  | 'entity_id'
  | 'created_by'
  | 'created_at'
  | 'archived_at'
  | 'members_by_scope'
  | 'muted'
> {
  /** Null for an operator who is no member. */
  readonly role: ChannelRole | null;
  /** Null for an operator who is no member. */
  readonly activity: ChannelActivity | null;
}

/** Which page of a user's channels to read. */
export interface ListChannels {
  readonly archived?: boolean | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

interface Sources {
  readonly models: Models;
  readonly store: ChannelStore;
  readonly membership: ChatMembership;
  readonly access: EntityAccess;
}

/** Reads channels with what has happened in them. */
export class ChannelLists {
  readonly #sources: Sources;
  readonly #history: VisibleHistory;

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#history = new VisibleHistory(sources.models, sources.membership);
  }

  /** @throws InvalidInputError `cursor.invalid` */
  async list(actor: Actor, { archived = false, limit, cursor }: ListChannels): Promise<Page<ChannelView>> {
    const { access, store, models } = this.#sources;
    const cursors = models.cursorsOf('channels', actor.user_id, archived);
    const held = await access.scopesOfActor(actor);
    const found = await store.listOfUser(actor.user_id, {
      held,
      archived,
      limit: limit + 1,
      after: cursor === undefined ? undefined : positionOf(cursors.read(cursor)),
    });
    const part = found.slice(0, limit);
    const last = part.at(-1);
    const roles = part.map((channel) => roleInList(held, channel, channel.role ?? undefined) ?? null);
    return {
      items: await this.#describe(actor, part, roles),
      next_cursor:
        last && found.length > limit ? cursors.write({ values: [last.since, last.channel_id] }) : null,
    };
  }

  /** @throws NotFoundError `channel.unknown` */
  async read(actor: Actor, channelId: string): Promise<ChannelView> {
    const { store, membership } = this.#sources;
    const channel = await store.findForUser(channelId, actor.user_id);
    const role = (await membership.roleOf(channelId, actor.user_id)) ?? null;
    const [view] = channel ? await this.#describe(actor, [channel], [role]) : [];
    if (!view) throw new NotFoundError(`There is no channel ${channelId}`, 'channel.unknown');
    return view;
  }

  async #describe(
    { user_id }: Actor,
    channels: readonly ChannelOfUser[],
    roles: readonly (ChannelRole | null)[],
  ): Promise<ChannelView[]> {
    const seen = await Promise.all(
      channels
        .filter((_, place) => roles[place] !== null)
        .map(async ({ channel_id, history_from }) => ({
          channel: channel_id,
          floor: history_from === null ? 1 : await this.#history.floorOf(channel_id, user_id),
        })),
    );
    const activity = await readActivity(this.#sources.models, user_id, seen);
    return channels.map((channel, place) => ({
      channel_id: channel.channel_id,
      kind: channel.kind,
      title: channel.title,
      entity_type: channel.entity_type,
      entity_id: channel.entity_id,
      created_by: channel.created_by,
      created_at: channel.created_at,
      archived_at: channel.archived_at,
      members_by_scope: channel.members_by_scope,
      muted: channel.muted,
      role: roles[place] ?? null,
      activity: activity.get(channel.channel_id) ?? null,
    }));
  }
}

function positionOf({ values: [since, channel_id] }: { values: readonly unknown[] }): ListedPart['after'] {
  return { since: since as Date, channel_id: channel_id as string };
}
