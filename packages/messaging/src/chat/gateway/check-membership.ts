import { runAsActor } from '@infratraq/kernel';
import type { ChatMembership } from '../membership.js';
import type { ChatRooms, Membership } from './chat-rooms.js';

const askedAtOnce = 20;

/** Applies the present membership to the users whom this process serves. */
export async function checkMembership(
  rooms: ChatRooms,
  membership: ChatMembership,
  changed: Partial<Membership> = {},
): Promise<void> {
  const here = rooms
    .listHere()
    .filter(
      ({ channel, user_id }) =>
        (changed.channel ?? channel) === channel && (changed.user_id ?? user_id) === user_id,
    );
  const isKnownChange = changed.user_id !== undefined;
  for (let begun = 0; begun < here.length; begun += askedAtOnce)
    await Promise.all(
      here.slice(begun, begun + askedAtOnce).map((one) => check(rooms, membership, one, isKnownChange)),
    );
}

async function check(
  rooms: ChatRooms,
  membership: ChatMembership,
  one: Membership,
  isKnownChange: boolean,
): Promise<void> {
  const { channel, user_id } = one;
  const identity = rooms.identityHere(one);
  const ask = () => membership.roleOf(channel, user_id);
  // As the user themselves: a membership may follow from the roles of their token.
  const role = await (identity ? runAsActor(identity, ask) : ask());
  if (!role) return rooms.expelHere(channel, user_id);
  rooms.markNewcomerHere(one, (await membership.historyFrom?.(channel, user_id)) !== undefined);
  if (!isKnownChange) return;
  rooms.tellMemberHere(one, 'role:changed', { channel, role });
  // The visible part of the history may have changed too.
  rooms.tellMemberHere(one, 'chat:resync', { channels: [channel] });
}
