import { describe, expect, it } from '@jest/globals';
import { defaultSettings } from './effective-settings.js';
import { newUser, usePreferenceService } from '../testing/use-preference-service.js';

describe("a user's settings", () => {
  const { service } = usePreferenceService();

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
      source: 'user',
      value: { muted: true },
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

  it('answer the same for many at once as for each', async () => {
    const users = [newUser(), newUser(), newUser()];
    const preferences = service({ locale: 'nl' });
    await preferences.replace(users[0]!, { locale: 'de', quiet_hours: defaultSettings.quiet_hours }, 0);
    await preferences.mute(users[1]!, { type: 'mention' });
    const all = await preferences.recipientPreferencesOfAll(users);
    expect([...all.keys()]).toEqual(users);
    for (const user of users) expect(all.get(user)).toEqual(await preferences.recipientPreferencesOf(user));
  });
});
