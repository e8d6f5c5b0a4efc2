import { describe, expect, it } from '@jest/globals';
import type { Settings, SettingsPatch } from './settings-schema.js';
import { newUser, usePreferenceService } from '../testing/use-preference-service.js';
import { UserPreference } from '../collections/user-preference.js';
import { StaleVersionError } from '../writing/write-versioned.js';

describe("a user's settings", () => {
  const { database, service } = usePreferenceService();

  it('are replaced as a whole or changed in part, one version at a time', async () => {
    const user = newUser();
    const first = await service().replace(user, { locale: 'en-GB', theme: 'dark' }, 0);
    expect(first.version).toBe(1);
    const patched = await service().patch(user, { theme: null, first_weekday: 7 }, 1);
    expect(patched).toMatchObject({ version: 2, own: { locale: 'en-GB', first_weekday: 7 } });
    expect(patched.own).not.toHaveProperty('theme');
    const replaced = await service().replace(user, { time_zone: 'Asia/Tokyo' }, 2);
    expect(replaced.own).toEqual({ time_zone: 'Asia/Tokyo' });
    expect(await service().read(user)).toEqual(replaced);
  });

  it.each([0, 1])('let one of two writers at version %d pass and refuse the other', async (version) => {
    const user = newUser();
    if (version === 1) await service().replace(user, { theme: 'system' }, 0);
    const outcomes = await Promise.allSettled([
      service().replace(user, { theme: 'dark' }, version),
      service().patch(user, { theme: 'light' }, version),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'preferences.stale', status: 409 });
    const winner = outcomes.find((outcome) => outcome.status === 'fulfilled');
    expect(await service().read(user)).toEqual(winner?.value);
  });

  it('refuse versions that were never there', async () => {
    const user = newUser();
    await expect(service().replace(user, {}, 3)).rejects.toMatchObject({ code: 'preferences.stale' });
    await expect(service().patch(user, {}, 3)).rejects.toMatchObject({ code: 'preferences.stale' });
    expect((await service().read(user)).version).toBe(0);
  });

  it.each([
    ['a time zone that is none', { time_zone: 'Europe/Atlantis' }],
    ['an offset for a time zone', { time_zone: '+01:00' }],
    ['a locale that is none', { locale: 'not_a_locale' }],
    ['an unknown setting', { favourite_colour: 'green' }],
    ['an operator', { locale: { $gt: '' } }],
    ['an unknown channel', { notifications: [{ type: '*', channels: ['pigeon'] }] }],
    [
      'two rows for one type',
      {
        notifications: [
          { type: '*', channels: [] },
          { type: '*', channels: ['sms'] },
        ],
      },
    ],
    ['an entity without its type', { notifications: [{ type: '*', entity_id: '4', channels: [] }] }],
    [
      'a time that no clock shows',
      { quiet_hours: { enabled: true, from: '25:00', to: '07:00', weekdays: [1] } },
    ],
    [
      'quiet hours of the whole week',
      { quiet_hours: { enabled: true, from: '07:00', to: '07:00', weekdays: [1, 2, 3, 4, 5, 6, 7] } },
    ],
    ['an eighth weekday', { digest: { frequency: 'weekly', at: '08:00', weekday: 8 } }],
  ])('refuse %s and stay as they were', async (_case, settings) => {
    const user = newUser();
    await expect(service().replace(user, settings as Settings, 0)).rejects.toMatchObject({
      code: 'preferences.invalid',
      status: 400,
    });
    await expect(service().patch(user, settings as Settings, 0)).rejects.toMatchObject({
      code: 'preferences.invalid',
    });
    expect(await database.models.of(UserPreference).countDocuments({ user_id: user })).toBe(0);
  });

  it('lose none of many changes by writers who read again when they come too late', async () => {
    const user = newUser();
    const changes: SettingsPatch[] = [
      { locale: 'de-AT' },
      { time_zone: 'Asia/Tokyo' },
      { theme: 'dark' },
      { first_weekday: 7 },
      { default_project_id: '42' },
      { digest: { frequency: 'weekly', at: '09:00', weekday: 2 } },
      { quiet_hours: { enabled: true, from: '20:00', to: '06:00', weekdays: [1] } },
    ];
    const write = async (change: SettingsPatch): Promise<void> => {
      const { version } = await service().read(user);
      await service()
        .patch(user, change, version)
        .catch((error: unknown) => {
          if (!(error instanceof StaleVersionError)) throw error;
          return write(change);
        });
    };
    await Promise.all(changes.map(write));
    const { version, own } = await service().read(user);
    expect(own).toEqual(Object.assign({}, ...changes));
    expect(version).toBe(changes.length);
  });
});
