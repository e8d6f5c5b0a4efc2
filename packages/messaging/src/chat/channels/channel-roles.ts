import {
  currentActor,
  roleOver,
  roleWithin,
  type Actor,
  type EntityAccess,
  type ScopeRole,
} from '@infratraq/kernel';
import { mayManage, type ChannelRole } from '../membership.js';
import type { StoredChannel } from './channel-store.js';

const roleByScope = { viewer: 'reader', member: 'member', manager: 'manager' } as const satisfies Record<
  ScopeRole,
  ChannelRole
>;

/** A channel's members: in a channel of a scope, whoever sees the entity; a stored role only makes managers there. */
export async function resolveRole(
  access: EntityAccess,
  channel: Pick<StoredChannel, 'members_by_scope' | 'entity_type' | 'entity_id'> | undefined,
  stored: ChannelRole | undefined,
  userId: string,
): Promise<ChannelRole | undefined> {
  if (!channel?.members_by_scope) return stored;
  const { entity_type, entity_id } = channel;
  if (entity_type === null || entity_id === null) return undefined;
  const held = await roleOver(access, actorFor(userId), { entity_type, entity_id });
  return combine(held, stored);
}

/** The same role, for a list: by the scopes that are stored with the channel. */
export function roleInList(
  held: Awaited<ReturnType<EntityAccess['scopesOfActor']>>,
  channel: Pick<StoredChannel, 'members_by_scope' | 'scopes'>,
  stored: ChannelRole | undefined,
): ChannelRole | undefined {
  return channel.members_by_scope ? combine(roleWithin(held, channel.scopes), stored) : stored;
}

function combine(held: ScopeRole | undefined, stored: ChannelRole | undefined): ChannelRole | undefined {
  if (!held) return undefined;
  return stored && mayManage(stored) ? stored : roleByScope[held];
}

/** The roles of a token are known for the one who asks; anybody else counts as a member. */
function actorFor(user_id: string): Actor {
  const actor = currentActor();
  return actor?.user_id === user_id ? actor : { user_id, roles: ['member'], cause_id: actor?.cause_id ?? '' };
}
