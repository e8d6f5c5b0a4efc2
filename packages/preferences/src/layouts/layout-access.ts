import { ForbiddenError, type Actor } from '@infratraq/kernel';
import {
  shareAccesses,
  type DashboardLayout,
  type LayoutShare,
  type ShareAccess,
} from '../collections/dashboard-layout.js';

/** A user who reads or writes layouts. */
export interface LayoutUser extends Pick<Actor, 'user_id' | 'roles'> {
  /** Absent for a user without an organisation. */
  readonly organisation_id?: string | undefined;
}

/** Somebody whom a layout can be shared with. */
export type LayoutReader = Pick<LayoutShare, 'kind' | 'id'>;

/** The readers that a user matches: the user, their roles, their organisation, and everyone. */
export function listReaders({ user_id, roles, organisation_id }: LayoutUser): LayoutReader[] {
  return [
    { kind: 'user', id: user_id },
    ...roles.map((id) => ({ kind: 'role' as const, id })),
    ...(organisation_id === undefined ? [] : [{ kind: 'organisation' as const, id: organisation_id }]),
    { kind: 'everyone', id: '*' },
  ];
}

/** The access that a user has to a layout: `own`, else the widest access shared with them; undefined for none. */
export function accessOf(
  layout: Pick<DashboardLayout, 'user_id' | 'shared_with'>,
  user: LayoutUser,
): ShareAccess | 'own' | undefined {
  if (layout.user_id === user.user_id) return 'own';
  const readers = listReaders(user);
  const granted = layout.shared_with
    .filter(({ kind, id }) => readers.some((reader) => reader.kind === kind && reader.id === id))
    .map(({ access }) => access);
  return shareAccesses.toReversed().find((access) => granted.includes(access));
}

/**
 * Refuses sharing with roles and organisations that are not the user's own. Operators and administrators may share
 * with anybody.
 * @throws ForbiddenError `layouts.share`
 */
export function requireSharing(shares: readonly LayoutReader[], user: LayoutUser): void {
  if (user.roles.includes('operator') || user.roles.includes('admin')) return;
  const own = listReaders(user);
  const foreign = shares.find(
    ({ kind, id }) =>
      kind === 'everyone' || (kind !== 'user' && !own.some((one) => one.kind === kind && one.id === id)),
  );
  if (foreign)
    throw new ForbiddenError(
      `You can share with people, and with roles and the organisation of your own, not with ${foreign.kind} ${foreign.id}`,
      'layouts.share',
    );
}
