import {
  fingerprintOf,
  InvalidInputError,
  requireRole,
  type Actor,
  type EntityAccess,
} from '@infratraq/kernel';
import { randomUUID } from 'node:crypto';
import { checkInput } from '../../checking/check-input.js';
import { channelSchemas, type CreateChannel } from './channel-schemas.js';
import type { Member, NewChannel } from './channel-store.js';

/** What is to be stored for a new channel, once its input is checked. */
export async function draftChannel(
  access: EntityAccess,
  actor: Actor,
  given: CreateChannel,
): Promise<{ draft: NewChannel; members: Member[] }> {
  const input = checkInput(channelSchemas.create, given, 'channel.invalid');
  const { kind, title, entity_type, entity_id, client_channel_id = null } = input;
  const others = new Map<string, Member>();
  for (const member of input.members) {
    const other = typeof member === 'string' ? { user_id: member, role: 'member' as const } : member;
    if (other.user_id !== actor.user_id) others.set(other.user_id, other);
  }
  const invited = [...others.values()];
  const base = {
    channel_id: randomUUID(),
    kind,
    title: title ?? '',
    entity_type: null,
    entity_id: null,
    members_by_scope: false,
    scopes: [],
    direct_key: null,
    created_by: actor.user_id,
    client_channel_id,
    fingerprint: fingerprintOf({ kind, title, entity_type, entity_id, invited }),
  };
  const creator: Member = { user_id: actor.user_id, role: 'manager' };
  if (kind !== 'entity' && (entity_type ?? entity_id) !== undefined)
    throw refuse('/entity_type', 'belongs to channels of the kind entity');
  if (kind === 'group') {
    if (title === undefined) throw refuse('/title', 'is required for a group');
    return { draft: base, members: [creator, ...invited] };
  }
  if (kind === 'direct') {
    const [other] = invited;
    if (!other || invited.length > 1)
      throw refuse('/members', 'names exactly one other user for a direct channel');
    if (title !== undefined) throw refuse('/title', 'is not for direct channels');
    const pair = [actor.user_id, other.user_id].sort();
    const members = pair.map((user_id): Member => ({ user_id, role: 'member' }));
    return { draft: { ...base, direct_key: JSON.stringify(pair) }, members };
  }
  if (entity_type === undefined || entity_id === undefined)
    throw refuse('/entity_type', 'is required, as entity_id, for a channel of an entity');
  if (invited.length > 0) throw refuse('/members', 'are those who may see the entity');
  const entity = { entity_type, entity_id };
  await requireRole(access, actor, entity, 'member');
  const scopes = [...(await access.scopesOfEntity(entity))];
  const draft = {
    ...base,
    ...entity,
    title: title ?? `${entity_type} ${entity_id}`,
    members_by_scope: true,
    scopes,
  };
  return { draft, members: [creator] };
}

function refuse(path: string, message: string): InvalidInputError {
  return new InvalidInputError(`${path} ${message}`, {
    code: 'channel.invalid',
    errors: [{ path, message }],
  });
}
