import { describe, expect, it } from '@jest/globals';
import { settingsSchemaVersion } from './settings-schema.js';
import { newUser, usePreferenceService } from '../testing/use-preference-service.js';
import { UserPreference } from '../collections/user-preference.js';

describe("a user's settings", () => {
  const { database, service } = usePreferenceService();
  const stored = (user_id: string) =>
    database.models.of(UserPreference).collection.findOne({ user_id } as never);

  it('of an older shape are migrated when they are read, and stored in the present one when written', async () => {
    const user = newUser();
    const at = new Date();
    const rows = [
      { type: '*', channels: [] },
      { type: 'mention', channels: ['push'] },
    ];
    await database.models.of(UserPreference).collection.insertOne({
      user_id: user,
      schema_version: 1,
      version: 4,
      settings: { locale: 'de', notifications: rows },
      created_at: at,
      updated_at: at,
    } as never);
    const { own, version } = await service().read(user);
    expect(own.notifications?.map(({ muted }) => muted)).toEqual([true, false]);
    expect(await stored(user)).toMatchObject({ schema_version: 1, version: 4 });
    await service().patch(user, { theme: 'dark' }, version);
    expect(await stored(user)).toMatchObject({
      schema_version: settingsSchemaVersion,
      version: 5,
      settings: { locale: 'de', theme: 'dark', notifications: own.notifications },
    });
  });

  it('of a newer product are neither read nor overwritten', async () => {
    const user = newUser();
    await service().replace(user, { theme: 'dark' }, 0);
    await database.models.of(UserPreference).updateOne({ user_id: user }, { $set: { schema_version: 99 } });
    const refused = expect.objectContaining({ code: 'preferences.newer-schema', status: 409 });
    await expect(service().read(user)).rejects.toEqual(refused);
    await expect(service().replace(user, {}, 1)).rejects.toEqual(refused);
    await expect(service().patch(user, { theme: 'light' }, 1)).rejects.toEqual(refused);
    await expect(service().mute(user, { type: '*' })).rejects.toEqual(refused);
    expect(await stored(user)).toMatchObject({ version: 1, settings: { theme: 'dark' } });
  });
});
