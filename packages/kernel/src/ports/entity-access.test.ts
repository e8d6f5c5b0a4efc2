import { describe, expect, it } from '@jest/globals';
import {
  accessForAllMembers,
  filterByScopes,
  requireRole,
  roleOver,
  type Actor,
  type EntityAccess,
  type HeldScope,
  type Role,
} from '../index.js';

const entity = { entity_type: 'task', entity_id: '7' };

function actor(...roles: Role[]): Actor {
  return { user_id: 'anna', roles, cause_id: 'cause' };
}

function holding(held: 'all' | HeldScope[], scopes: string[]): EntityAccess {
  return { scopesOfActor: () => Promise.resolve(held), scopesOfEntity: () => Promise.resolve(scopes) };
}

describe('access to entities', () => {
  it.each([
    [[{ scope: 'project:1', role: 'viewer' } as const], ['project:1'], 'viewer'],
    [
      [
        { scope: 'project:1', role: 'viewer' } as const,
        { scope: 'organisation:2', role: 'manager' } as const,
      ],
      ['project:1', 'organisation:2'],
      'manager',
    ],
    [[{ scope: 'project:2', role: 'manager' } as const], ['project:1'], undefined],
    [[{ scope: 'project:1', role: 'member' } as const], [], undefined],
    ['all' as const, [], 'manager'],
  ])('is the strongest role of the scopes that meet: %j over %j is %s', async (held, scopes, role) => {
    await expect(roleOver(holding(held, scopes), actor('member'), entity)).resolves.toBe(role);
  });

  it('keeps an entity secret from those who may not see it', async () => {
    const access = holding([{ scope: 'project:2', role: 'manager' }], ['project:1']);
    await expect(requireRole(access, actor('member'), entity, 'viewer')).rejects.toMatchObject({
      status: 404,
      code: 'entity.unknown',
    });
  });

  it('refuses what a role does not include', async () => {
    const access = holding([{ scope: 'project:1', role: 'viewer' }], ['project:1']);
    await expect(requireRole(access, actor('member'), entity, 'member')).rejects.toMatchObject({
      status: 403,
      code: 'access.role-too-low',
    });
    await expect(requireRole(access, actor('member'), entity, 'viewer')).resolves.toBe('viewer');
  });

  it('filters lists by the scopes held, and not at all for operators', async () => {
    await expect(filterByScopes(accessForAllMembers, actor('member'))).resolves.toEqual({
      scopes: { $in: ['*'] },
    });
    await expect(filterByScopes(accessForAllMembers, actor('auditor'))).resolves.toEqual({
      scopes: { $in: [] },
    });
    await expect(filterByScopes(accessForAllMembers, actor('auditor', 'admin'))).resolves.toEqual({});
  });
});
