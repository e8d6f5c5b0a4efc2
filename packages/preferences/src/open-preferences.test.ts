import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { useModels } from '@infratraq/testing';
import { UserAlertConfig } from './collections/user-alert-config.js';
import { UserPreference } from './collections/user-preference.js';
import { openPreferences, type OpenedPreferences } from './open-preferences.js';
import { newUser } from './testing/use-preference-service.js';

const ada = { user_id: 'u-ada', roles: ['member'] as const };
const entity = { entity_type: 'projects', entity_id: '42' };
const alert = {
  name: 'Overdue',
  kind: 'metric' as const,
  metric: 'overdue',
  metric_source: 'analytics_aggregate' as const,
  condition: { operator: 'gt' as const, threshold: 20 },
  channels: ['in_app' as const],
};

describe('preferences that are opened', () => {
  const database = useModels(UserPreference, UserAlertConfig);
  const faults: [unknown, string][] = [];
  let opened: OpenedPreferences;
  beforeAll(async () => {
    opened = await openPreferences({
      connection: database.connection,
      requireWatchable: async () => undefined,
      onError: (error, doing) => faults.push([error, doing]),
    });
  });
  afterAll(() => opened.close());

  it('leave a connection of the caller’s open', async () => {
    const user = newUser();
    const another = await openPreferences({
      connection: database.connection,
      requireWatchable: async () => undefined,
    });
    await another.settings.patch(user, { theme: 'dark' }, 0);
    await another.close();
    expect((await opened.settings.read(user)).settings.theme).toBe('dark');
  });

  it('report an alert on a metric that nobody reads', async () => {
    await opened.alerts.create(newUser(), alert);
    expect(await opened.evaluator.evaluateDue()).toEqual({ evaluated: 0, failed: 1 });
    expect(faults).toEqual([
      [expect.objectContaining({ code: 'alerts.metrics-missing' }), expect.stringContaining('Overdue')],
    ]);
  });

  it.each<[string, string, (opened: OpenedPreferences) => Promise<unknown>]>([
    ['a user id that is no text', '/', ({ settings }) => settings.read(5 as never)],
    ['an operator in place of a user id', '/', ({ alerts }) => alerts.list({ $gt: '' } as never)],
    [
      'a time zone that is none',
      '/settings/time_zone',
      ({ settings }) => settings.replace('u', { time_zone: 'Mars' }, 0),
    ],
    ['a patch that is none', '/settings', ({ settings }) => settings.patch('u', 'dark' as never, 0)],
    ['a version that is no number', '/version', ({ settings }) => settings.patch('u', {}, '0' as never)],
    ['a topic without its type', '/type', ({ settings }) => settings.mute('u', {} as never)],
    ['users that are no list', '/', ({ settings }) => settings.recipientPreferencesOfAll('u' as never)],
    ['an organisation that is no text', '/', ({ organisations }) => organisations.read(5 as never)],
    [
      'settings of an organisation that are none',
      '/settings',
      ({ organisations }) => organisations.replace('o', 5 as never, 0),
    ],
    [
      'a dashboard id that is too long',
      '/dashboard_id',
      ({ layouts }) => layouts.write(ada, 'd'.repeat(101), { name: 'n', widgets: [] }, 0),
    ],
    [
      'a person without roles',
      '/person/roles',
      ({ layouts }) => layouts.readShared({ user_id: 'u' } as never, 'l'),
    ],
    [
      'a layout without widgets',
      '/widgets',
      ({ layouts }) => layouts.write(ada, 'd', { name: 'n' } as never, 0),
    ],
    ['a layout id that is no text', '/layout_id', ({ layouts }) => layouts.readShared(ada, 5 as never)],
    [
      'a kind of favourite that is none',
      '/kind',
      ({ favorites }) => favorites.list('u', 'liked' as never, {}),
    ],
    [
      'a favourite without a title',
      '/title',
      ({ favorites }) => favorites.put('u', { kind: 'pinned', ...entity } as never, []),
    ],
    [
      'a favourite that is not named',
      '/entity_id',
      ({ favorites }) => favorites.remove('u', { kind: 'pinned', entity_type: 'projects' } as never),
    ],
    [
      'an alert without channels',
      '/channels',
      ({ alerts }) => alerts.create('u', { ...alert, channels: [] }),
    ],
    ['a user id that is too long', '/', ({ alerts }) => alerts.create('u'.repeat(201), alert)],
    ['a version that nobody has read', '/version', ({ alerts }) => alerts.replace('u', 'a', alert, 0)],
    ['an alert id that is no text', '/id', ({ alerts }) => alerts.read('u', 5 as never)],
  ])('refuse %s, and say where it is', async (_case, path, work) => {
    await expect(work(opened)).rejects.toMatchObject({
      name: 'InvalidInputError',
      code: 'preferences.invalid',
      errors: expect.arrayContaining([{ path, message: expect.any(String) }]),
    });
  });
});
