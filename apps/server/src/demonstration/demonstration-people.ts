import type { PlatformTables } from '@infratraq/postgres';
import type { Insertable } from 'kysely';

type UserRow = Insertable<PlatformTables['infratraq.users']>;
type OrganisationRow = Insertable<PlatformTables['infratraq.organisations']>;

/** The demonstration's users: roles of a project, not persons. */
export const demonstrationUsers = [
  { user_id: 'u-admin-1', display_name: 'Platform administrator', roles: ['member', 'operator', 'admin'] },
  { user_id: 'u-operator-1', display_name: 'Platform operator', roles: ['member', 'operator'] },
  { user_id: 'u-auditor-1', display_name: 'Auditor', roles: ['member', 'auditor'] },
  { user_id: 'u-manager-1', display_name: 'Project manager, rail', roles: ['member'] },
  { user_id: 'u-manager-2', display_name: 'Project manager, water', roles: ['member'] },
  { user_id: 'u-engineer-1', display_name: 'Structural engineer', roles: ['member'] },
  { user_id: 'u-engineer-2', display_name: 'Drainage engineer', roles: ['member'] },
  { user_id: 'u-engineer-3', display_name: 'Electrical engineer', roles: ['member'] },
  { user_id: 'u-inspector-1', display_name: 'Site inspector, north', roles: ['member'] },
  { user_id: 'u-inspector-2', display_name: 'Site inspector, south', roles: ['member'] },
] as const satisfies readonly DemonstrationUser[];

/** Whom the users work for. */
export const demonstrationOrganisations: OrganisationRow[] = [
  { organisation_id: 'transport-authority', name: 'City Transport Authority' },
  { organisation_id: 'civil-works', name: 'Northern Civil Works' },
];

/** Who works on what: managers for a client and all its projects, the others on single projects. */
export const demonstrationScopes = [
  { scope: 'organisation:1', user_id: 'u-manager-1', role: 'manager' },
  { scope: 'organisation:2', user_id: 'u-manager-2', role: 'manager' },
  { scope: 'project:1', user_id: 'u-engineer-1', role: 'member' },
  { scope: 'project:3', user_id: 'u-engineer-1', role: 'member' },
  { scope: 'project:2', user_id: 'u-engineer-2', role: 'member' },
  { scope: 'project:4', user_id: 'u-engineer-2', role: 'member' },
  { scope: 'project:1', user_id: 'u-engineer-3', role: 'member' },
  { scope: 'project:4', user_id: 'u-engineer-3', role: 'member' },
  { scope: 'project:1', user_id: 'u-inspector-1', role: 'member' },
  { scope: 'project:3', user_id: 'u-inspector-1', role: 'member' },
  { scope: 'project:2', user_id: 'u-inspector-2', role: 'viewer' },
  { scope: 'project:4', user_id: 'u-inspector-2', role: 'viewer' },
] as const;

interface DemonstrationUser extends Omit<UserRow, 'email' | 'roles'> {
  roles: readonly ('member' | 'operator' | 'auditor' | 'admin')[];
}

/** Rows for `infratraq.users`; the addresses are in a domain that can never receive mail. */
export function demonstrationUserRows(): UserRow[] {
  return demonstrationUsers.map(({ user_id, display_name, roles }) => ({
    user_id,
    display_name,
    email: `${user_id}@demonstration.invalid`,
    roles: [...roles],
    organisation_id: /engineer|inspector/.test(user_id) ? 'civil-works' : 'transport-authority',
  }));
}
