import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { useModels } from '@infratraq/testing';
import { favoriteLimits, Favorites, type FavoriteInput } from './favorites.js';
import { UserFavorite, type FavoriteKind } from '../collections/user-favorite.js';

describe("a user's favourites", () => {
  const database = useModels(UserFavorite);
  // Every call is by somebody who sees all.
  const favorites = () => {
    const service = new Favorites({ models: database.models });
    return {
      put: (user: string, favorite: FavoriteInput) => service.put(user, favorite, []),
      list: (user: string, kind: FavoriteKind) => service.list(user, kind, {}),
      remove: (user: string, reference: Parameters<Favorites['remove']>[1]) =>
        service.remove(user, reference),
    };
  };
  const newUser = () => `u-${randomUUID()}`;
  const favorite = (kind: FavoriteKind, id: string | number): FavoriteInput => ({
    kind,
    entity_type: 'projects',
    entity_id: String(id),
    title: `Project ${id}`,
  });

  it('hold each thing once per kind, however often and concurrently it is put', async () => {
    const user = newUser();
    await Promise.all(Array.from({ length: 8 }, () => favorites().put(user, favorite('bookmarked', 1))));
    await favorites().put(user, favorite('pinned', 1));
    const found = await favorites().list(user, 'bookmarked');
    expect(found).toMatchObject([{ entity_id: '1' }]);
    // One that met another and was not told whether it was done is tried again, and may count twice.
    expect(found[0]?.use_count).toBeGreaterThanOrEqual(8);
  });

  it('list the last used first, and pinned ones in the order of the user', async () => {
    const user = newUser();
    for (const id of [1, 2, 1]) await favorites().put(user, favorite('bookmarked', id));
    expect((await favorites().list(user, 'bookmarked')).map(({ entity_id }) => entity_id)).toEqual([
      '1',
      '2',
    ]);
    for (const position of [0, 1, 2])
      await favorites().put(user, { ...favorite('pinned', position), position });
    await favorites().put(user, favorite('pinned', 'last'));
    expect((await favorites().list(user, 'pinned')).map(({ entity_id }) => entity_id)).toEqual([
      '0',
      '1',
      '2',
      'last',
    ]);
  });

  it('let the oldest recent ones make room', async () => {
    const user = newUser();
    for (let id = 0; id < favoriteLimits.recent + 3; id += 1)
      await favorites().put(user, favorite('recent', id));
    const found = await favorites().list(user, 'recent');
    expect(found).toHaveLength(favoriteLimits.recent);
    expect(found[0]?.entity_id).toBe(String(favoriteLimits.recent + 2));
    expect(found.at(-1)?.entity_id).toBe('3');
  });

  it('refuse more pinned ones than there is room for, and still let those there be changed', async () => {
    const user = newUser();
    const now = new Date();
    await database.models.of(UserFavorite).insertMany(
      Array.from({ length: favoriteLimits.pinned }, (_, id) => ({
        ...favorite('pinned', id),
        user_id: user,
        created_at: now,
        last_used_at: now,
      })),
    );
    await expect(favorites().put(user, favorite('pinned', 'more'))).rejects.toMatchObject({
      code: 'favorites.full',
      status: 409,
    });
    expect(await favorites().put(user, { ...favorite('pinned', 5), note: 'mine' })).toMatchObject({
      note: 'mine',
    });
  });

  it('never exceed their limit although many are put at once, and keep each one that was taken', async () => {
    const user = newUser();
    const limit = favoriteLimits.pinned;
    const now = new Date();
    await database.models.of(UserFavorite).insertMany(
      Array.from({ length: limit - 3 }, (_, id) => ({
        ...favorite('pinned', id),
        user_id: user,
        created_at: now,
        last_used_at: now,
      })),
    );
    const ids = Array.from({ length: 12 }, (_, index) => `new-${index}`);
    const outcomes = await Promise.allSettled(ids.map((id) => favorites().put(user, favorite('pinned', id))));
    const taken = ids.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    const kept = (await favorites().list(user, 'pinned')).map(({ entity_id }) => entity_id);
    expect(kept.length).toBeLessThanOrEqual(limit);
    expect(kept.filter((id) => id.startsWith('new-')).sort()).toEqual([...taken].sort());
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'favorites.full' });
  });

  it('keep the latest recent ones, each once, although they come from many windows at once', async () => {
    const user = newUser();
    const things = Array.from({ length: favoriteLimits.recent + 20 }, (_, id) => id);
    await Promise.all(
      [...things, ...things.slice(0, 10)].map((id) => favorites().put(user, favorite('recent', id))),
    );
    const latest = [3, 5, 7];
    await Promise.all(latest.map((id) => favorites().put(user, favorite('recent', id))));
    const kept = (await favorites().list(user, 'recent')).map(({ entity_id }) => entity_id);
    expect(kept).toHaveLength(favoriteLimits.recent);
    expect(new Set(kept).size).toBe(kept.length);
    expect(kept.slice(0, 3).sort()).toEqual(latest.map(String));
  });

  it('are removed one by one, and only those of the user', async () => {
    const [user, other] = [newUser(), newUser()];
    await favorites().put(user, favorite('pinned', 1));
    const reference = { kind: 'pinned', entity_type: 'projects', entity_id: '1' } as const;
    expect(await favorites().remove(other, reference)).toBe(false);
    expect(await favorites().remove(user, reference)).toBe(true);
    expect(await favorites().list(user, 'pinned')).toEqual([]);
  });

  it('are listed only while one of the scopes of their entity is held', async () => {
    const user = newUser();
    const service = new Favorites({ models: database.models });
    await service.put(user, favorite('pinned', 1), ['project:1']);
    await service.put(user, favorite('pinned', 2), ['project:2']);
    const held = { scopes: { $in: ['*', 'project:2'] } };
    expect((await service.list(user, 'pinned', held)).map(({ entity_id }) => entity_id)).toEqual(['2']);
  });

  it('refuse what is no favourite', async () => {
    const user = newUser();
    const put = favorites().put(user, { ...favorite('pinned', 1), entity_id: { $gt: '' } } as never);
    await expect(put).rejects.toMatchObject({ code: 'preferences.invalid' });
    expect(await database.models.of(UserFavorite).countDocuments({ user_id: user })).toBe(0);
  });
});
