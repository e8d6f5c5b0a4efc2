import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { useModels } from '@infratraq/testing';
import { defaultSettings } from './effective-settings.js';
import { PreferenceService } from './preference-service.js';
import { settingsSchemaVersion, type Settings, type SettingsPatch } from './settings-schema.js';
import { UserPreference } from './user-preference.js';
import { StaleVersionError } from './write-versioned.js';

describe("a user's settings", () => {
  const database = useModels(UserPreference);
  const service = (defaults: Settings = {}) =>
    new PreferenceService({
      models: database.models,
      defaultsOf: async (user_ids) => new Map(user_ids.map((user_id) => [user_id, defaults])),
    });
  const newUser = () => `u-${randomUUID()}`;

  it('are the defaults at version 0 until something is set', async () => {
    expect(await service().read(newUser())).toMatchObject({
      version: 0,
      own: {},
      settings: defaultSettings,
      sources: { locale: 'product' },
    });
  });

  it('lay the user over the organisation over the product, and say so', async () => {
    const user = newUser();
    const preferences = service({
      locale: 'de-DE',
      time_zone: 'Europe/Berlin',
      notifications: [
        { type: '*', channels: ['email'], muted: false },
        { type: 'mention', channels: ['push'], muted: false },
      ],
    });
    const { settings, sources } = await preferences.replace(
      user,
      { locale: 'de-AT', notifications: [{ type: 'mention', channels: [] }] },
      0,
    );
    expect(settings).toMatchObject({
      locale: 'de-AT',
      time_zone: 'Europe/Berlin',
      theme: 'system',
      notifications: [
        { type: '*', channels: ['email'] },
        { type: 'mention', channels: [] },
      ],
    });
    expect(sources).toMatchObject({ locale: 'user', time_zone: 'organisation', theme: 'product' });
  });

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
      'quiet hours without length',
      { quiet_hours: { enabled: true, from: '07:00', to: '07:00', weekdays: [1] } },
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

  it('say of each value where it comes from and what it stands before', async () => {
    const user = newUser();
    const preferences = service({
      time_zone: 'Europe/Berlin',
      notifications: [{ type: '*', channels: ['email'], muted: false }],
    });
    const mentions = { type: 'mention', channels: ['push' as const] };
    await preferences.replace(user, { time_zone: 'Asia/Tokyo', notifications: [mentions] }, 0);
    const explained = await preferences.explain(user);
    expect(explained).toContainEqual({
      setting: 'time_zone',
      value: 'Asia/Tokyo',
      source: 'user',
      overridden: [
        { source: 'organisation', value: 'Europe/Berlin' },
        { source: 'product', value: 'UTC' },
      ],
    });
    expect(explained.filter(({ setting }) => setting === 'notifications')).toEqual([
      {
        setting: 'notifications',
        topic: { type: '*' },
        value: { channels: ['email'], muted: false },
        source: 'organisation',
        overridden: [],
      },
      {
        setting: 'notifications',
        topic: { type: 'mention' },
        value: { channels: ['push'], muted: false },
        source: 'user',
        overridden: [],
      },
    ]);
    expect(explained.map(({ setting }) => setting)).not.toContain('default_project_id');
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

  it('hold every one of many silences that come at once, beside what else is being written', async () => {
    const user = newUser();
    const types = Array.from({ length: 12 }, (_, index) => `type.${index}`);
    const patched = service()
      .patch(user, { theme: 'dark' }, 0)
      .catch((error: unknown) => error);
    await Promise.all(types.map((type) => service().mute(user, { type })));
    const { own } = await service().read(user);
    expect(own.notifications?.map(({ type }) => type).sort()).toEqual([...types].sort());
    expect(own.theme === 'dark' || (await patched) instanceof StaleVersionError).toBe(true);
  });

  it('give a topic back its channels when its silence is taken back', async () => {
    const user = newUser();
    const topic = { type: 'comment.added', entity_type: 'projects', entity_id: '42' };
    await service().replace(user, { notifications: [{ ...topic, channels: ['sms'] }] }, 0);
    const allowed = async () =>
      (await service().recipientPreferencesOf(user)).notifications.find(({ type }) => type === topic.type);
    await service().mute(user, topic);
    await service().mute(user, topic);
    expect(await allowed()).toEqual({ ...topic, channels: [], own: true });
    await service().unmute(user, topic);
    expect(await allowed()).toEqual({ ...topic, channels: ['sms'], own: true });
    await service().mute(user, { type: 'digest.ready' });
    await service().unmute(user, { type: 'digest.ready' });
    expect((await service().read(user)).own.notifications).toEqual([
      { ...topic, channels: ['sms'], muted: false },
    ]);
  });

  it('answer what those who send notifications ask for', async () => {
    const { notifications, ...rest } = await service({ locale: 'nl' }).recipientPreferencesOf(newUser());
    // No row stands before the channels that a type is declared with.
    expect(notifications).toEqual([]);
    expect(rest).toEqual({
      locale: 'nl',
      time_zone: 'UTC',
      quiet_hours: defaultSettings.quiet_hours,
      digest: defaultSettings.digest,
      track_clicks: true,
    });
  });

  it('tell a user’s own rows from those of the organisation', async () => {
    const user = newUser();
    const preferences = service({
      notifications: [{ type: 'comment.added', entity_type: 'projects', channels: ['email'], muted: false }],
    });
    await preferences.mute(user, { type: '*' });
    const { notifications } = await preferences.recipientPreferencesOf(user);
    expect(notifications).toEqual([
      { type: 'comment.added', entity_type: 'projects', channels: [] },
      { type: '*', channels: [], own: true },
    ]);
    const row = (await preferences.explain(user)).find(({ topic }) => topic?.type === 'comment.added');
    expect(row).toMatchObject({
      ...{ source: 'user', value: { muted: true } },
      overridden: [{ source: 'organisation', value: { channels: ['email'] } }],
    });
    // What they say of less than everything stands before what they say of everything.
    const { version } = await preferences.read(user);
    const own = [
      { type: '*', channels: [], muted: true },
      { type: 'comment.added', channels: ['sms' as const] },
    ];
    await preferences.patch(user, { notifications: own }, version);
    expect((await preferences.recipientPreferencesOf(user)).notifications[0]?.channels).toEqual(['email']);
  });

  it('are silent on a type that a user unsubscribes from, whatever rows they have about entities', async () => {
    const user = newUser();
    const rows = [
      { type: '*', entity_type: 'projects', entity_id: '42', channels: ['email' as const] },
      { type: 'comment.added', entity_type: 'bridges', channels: ['sms' as const] },
      { type: 'task.assigned', entity_type: 'bridges', channels: ['push' as const] },
    ];
    await service().replace(user, { notifications: rows }, 0);
    await service().unsubscribe(user, 'comment.added');
    const [first, second, third] = rows;
    expect((await service().read(user)).own.notifications).toEqual([
      { ...first, muted: false },
      { ...second, muted: true },
      { ...third, muted: false },
      { type: 'comment.added', channels: [], muted: true },
      { type: 'comment.added', entity_type: 'projects', entity_id: '42', channels: [], muted: true },
    ]);
  });

  it('answer the same for many at once as for each', async () => {
    const users = [newUser(), newUser(), newUser()];
    const preferences = service({ locale: 'nl' });
    await preferences.replace(users[0]!, { locale: 'de', quiet_hours: defaultSettings.quiet_hours }, 0);
    await preferences.mute(users[1]!, { type: 'mention' });
    const all = await preferences.recipientPreferencesOfAll(users);
    expect([...all.keys()]).toEqual(users);
    for (const user of users) expect(all.get(user)).toEqual(await preferences.recipientPreferencesOf(user));
  });

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

  const stored = (user_id: string) =>
    database.models.of(UserPreference).collection.findOne({ user_id } as never);
});
