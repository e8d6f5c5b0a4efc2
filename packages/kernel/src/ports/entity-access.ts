import type { Actor } from '../actor.js';
import { ForbiddenError, NotFoundError } from '../errors/errors.js';
import type { EntityReference } from '../policy/query.js';

/** What a user may do in a scope, from least to most: read, write, moderate what others wrote. */
export const scopeRoles = ['viewer', 'member', 'manager'] as const;
/** What a user may do in a scope: a viewer reads, a member writes, a manager also moderates. */
export type ScopeRole = (typeof scopeRoles)[number];

/** Scope of entities that are open to all members; every member holds it as `member`. */
export const openScope = '*';

/** A scope that a user belongs to (`project:42`), and the user's role there. */
export interface HeldScope {
  readonly scope: string;
  readonly role: ScopeRole;
}

/** Decides who may see an entity: an actor sees it when one of the actor's scopes is one of the entity's. */
export interface EntityAccess {
  /** `all` for operators and admins, whatever the scope. */
  scopesOfActor(actor: Actor): Promise<'all' | readonly HeldScope[]>;
  /** Empty for an entity that only operators and admins may see. The entity `*` of type `*` stands for all entities. */
  scopesOfEntity(entity: EntityReference): Promise<readonly string[]>;
}

/** Access to any entity for every user with the role `member`. */
export const accessForAllMembers: EntityAccess = {
  scopesOfActor: ({ roles }) => Promise.resolve(scopesOfRoles(roles)),
  scopesOfEntity: () => Promise.resolve([openScope]),
};

/** The scopes that an actor holds by token alone: all for operators and admins, the open scope for members. */
export function scopesOfRoles(roles: Actor['roles']): 'all' | HeldScope[] {
  if (roles.includes('operator') || roles.includes('admin')) return 'all';
  return roles.includes('member') ? [{ scope: openScope, role: 'member' }] : [];
}

/** The strongest role that an actor has over something of these scopes; undefined when none of them is held. */
export function roleWithin(
  held: 'all' | readonly HeldScope[],
  scopes: readonly string[],
): ScopeRole | undefined {
  if (held === 'all') return 'manager';
  const found = held.filter(({ scope }) => scopes.includes(scope)).map(({ role }) => role);
  return scopeRoles.findLast((role) => found.includes(role));
}

/** The role of an actor over an entity; undefined when the actor may not see it. */
export async function roleOver(
  access: EntityAccess,
  actor: Actor,
  entity: EntityReference,
): Promise<ScopeRole | undefined> {
  const held = await access.scopesOfActor(actor);
  return held === 'all' ? 'manager' : roleWithin(held, await access.scopesOfEntity(entity));
}

/**
 * Returns the role of an actor over an entity, which is at least the given one.
 * @throws NotFoundError `entity.unknown` when the actor may not know the entity; ForbiddenError `access.role-too-low`
 */
export async function requireRole(
  access: EntityAccess,
  actor: Actor,
  entity: EntityReference,
  atLeast: ScopeRole,
): Promise<ScopeRole> {
  const role = await roleOver(access, actor, entity);
  if (!role)
    throw new NotFoundError(`There is no ${entity.entity_type} ${entity.entity_id}`, 'entity.unknown');
  if (!isAtLeast(role, atLeast))
    throw new ForbiddenError(`This takes the role ${atLeast}; you are ${role} here`, 'access.role-too-low');
  return role;
}

/** Tells whether a role includes another. */
export function isAtLeast(role: ScopeRole, other: ScopeRole): boolean {
  return scopeRoles.indexOf(role) >= scopeRoles.indexOf(other);
}

/** Filter of documents by the scopes of their entity; empty where the actor sees all of them. */
export interface ScopeFilter {
  readonly scopes?: { readonly $in: readonly string[] };
}

/** Filter of a list of documents that carry the `scopes` of their entity; empty where the actor sees all of them. */
export async function filterByScopes(access: EntityAccess, actor: Actor): Promise<ScopeFilter> {
  const held = await access.scopesOfActor(actor);
  return held === 'all' ? {} : { scopes: { $in: held.map(({ scope }) => scope) } };
}
