import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { accessForAllMembers } from '@infratraq/kernel';
import { registerTransport } from '@infratraq/transport/fastify';
import { useModels } from '@infratraq/testing';
import fastify, { type FastifyInstance, type InjectOptions } from 'fastify';
import { DashboardLayout } from './collections/dashboard-layout.js';
import { createPreferenceServices } from './open-preferences.js';
import { preferenceRoutes } from './routes.js';
import { UserAlertConfig } from './collections/user-alert-config.js';
import { UserFavorite } from './collections/user-favorite.js';
import { UserPreference } from './collections/user-preference.js';

const widget = {
  widget_id: 'w1',
  kind: 'number',
  column: 0,
  row: 0,
  width: 4,
  height: 2,
  source: { kind: 'metric', reference: 'work_orders_overdue', parameters: { 'a.b': 1, $x: 2 } },
};

describe('the routes of preferences', () => {
  const database = useModels(UserPreference, DashboardLayout, UserFavorite, UserAlertConfig);
  let app: FastifyInstance;

  beforeAll(async () => {
    app = fastify();
    await app.register(registerTransport, {
      authenticate: async (token) => ({ user_id: token, roles: ['member'] }),
      access: accessForAllMembers,
    });
    await app.register(
      preferenceRoutes,
      createPreferenceServices({ models: database.models, requireWatchable: async () => undefined }),
    );
  });
  afterAll(() => app.close());

  const as = (user: string, method: InjectOptions['method'], url: string, payload?: object) =>
    app.inject({ method, url, headers: { authorization: `Bearer ${user}` }, ...(payload && { payload }) });

  it('read, replace and change the settings of whoever asks', async () => {
    expect((await as('anna', 'GET', '/preferences')).json()).toMatchObject({ version: 0, user_id: 'anna' });
    const put = await as('anna', 'PUT', '/preferences', {
      version: 0,
      settings: { locale: 'de-DE', time_zone: 'Europe/Berlin' },
    });
    expect(put.json()).toMatchObject({ version: 1, own: { locale: 'de-DE' }, settings: { theme: 'system' } });
    const patch = await as('anna', 'PATCH', '/preferences', { version: 1, settings: { locale: null } });
    expect(patch.json()).toMatchObject({ version: 2, own: { time_zone: 'Europe/Berlin' } });
    expect((await as('anna', 'GET', '/preferences')).json()).toEqual(patch.json());
    expect((await as('ben', 'GET', '/preferences')).json()).toMatchObject({ version: 0, own: {} });
  });

  it('explain settings, and silence a topic without knowing a version', async () => {
    const topic = { type: 'comment.added', entity_type: 'projects', entity_id: '42' };
    const muted = await as('dora', 'PUT', '/preferences/mutes', topic);
    expect(muted.json()).toMatchObject({ version: 1, own: { notifications: [{ ...topic, muted: true }] } });
    const { items } = (await as('dora', 'GET', '/preferences/explained')).json<{ items: object[] }>();
    expect(items).toContainEqual({ setting: 'theme', value: 'system', source: 'product', overridden: [] });
    expect(items).toContainEqual({
      setting: 'notifications',
      topic,
      value: { channels: [], muted: true },
      source: 'user',
      overridden: [],
    });
    const url = `/preferences/mutes?${new URLSearchParams(topic)}`;
    expect((await as('dora', 'DELETE', url)).json()).toMatchObject({
      version: 2,
      own: { notifications: [] },
    });
  });

  it('answer 409 to a writer who has read an older version', async () => {
    const answer = await as('anna', 'PUT', '/preferences', { version: 0, settings: {} });
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'preferences.stale' });
  });

  it('keep a layout per user and dashboard', async () => {
    const url = '/dashboards/portfolio/layout';
    expect((await as('anna', 'GET', url)).json()).toMatchObject({ version: 0, widgets: [] });
    const layout = { name: 'Mine', widgets: [widget] };
    expect((await as('anna', 'PUT', url, { version: 0, layout })).json()).toMatchObject({
      version: 1,
      columns: 12,
    });
    expect((await as('anna', 'GET', url)).json()).toMatchObject({ version: 1, ...layout });
    expect((await as('ben', 'GET', url)).json()).toMatchObject({ version: 0 });
    expect((await as('anna', 'PUT', url, { version: 0, layout })).statusCode).toBe(409);
  });

  it('keep favourites', async () => {
    const reference = { kind: 'pinned', entity_type: 'reports', entity_id: 'progress' };
    await as('anna', 'PUT', '/favorites', { ...reference, title: 'Progress' });
    expect((await as('anna', 'GET', '/favorites')).json()).toMatchObject({ items: [reference] });
    expect((await as('ben', 'GET', '/favorites?kind=pinned')).json()).toEqual({ items: [] });
    const url = `/favorites?${new URLSearchParams(reference)}`;
    expect((await as('anna', 'DELETE', url)).json()).toEqual({ removed: true });
    expect((await as('anna', 'DELETE', url)).json()).toEqual({ removed: false });
  });

  it('keep alerts', async () => {
    const config = {
      name: 'Overdue',
      kind: 'metric',
      metric: 'work_orders_overdue',
      metric_source: 'performance_metric',
      condition: { operator: 'gte', threshold: 5 },
      channels: ['email'],
    };
    const created = await as('anna', 'POST', '/alerts/configs', config);
    expect(created.statusCode).toBe(201);
    const { id } = created.json<{ id: string }>();
    const url = `/alerts/configs/${id}`;
    expect((await as('anna', 'GET', '/alerts/configs')).json()).toEqual({ items: [created.json()] });
    const replaced = await as('anna', 'PUT', url, { version: 1, config: { ...config, enabled: false } });
    expect(replaced.json()).toMatchObject({ id, version: 2, enabled: false });
    expect((await as('anna', 'GET', url)).json()).toEqual(replaced.json());
    for (const method of ['GET', 'DELETE'] as const)
      expect((await as('ben', method, url)).statusCode).toBe(404);
    expect((await as('anna', 'DELETE', url)).json()).toEqual({ removed: true });
    expect((await as('anna', 'DELETE', url)).statusCode).toBe(404);
  });

  it.each([
    ['PUT', '/preferences', { settings: {} }],
    ['PUT', '/preferences', { version: 0, settings: { time_zone: 'Mars/Olympus' } }],
    ['PUT', '/preferences', { version: 0, settings: { locale: { $gt: '' } } }],
    ['PUT', '/preferences', { version: 0, settings: {}, user_id: 'ben' }],
    ['PATCH', '/preferences', { version: 0, settings: { nothing: null } }],
    ['PUT', '/preferences/mutes', { entity_type: 'projects' }],
    ['PUT', '/preferences/mutes', { type: '*', entity_id: '42' }],
    ['PUT', '/dashboards/d/layout', { version: 0, layout: { name: 'x', widgets: [widget, widget] } }],
    [
      'PUT',
      '/dashboards/d/layout',
      { version: 0, layout: { name: 'x', widgets: [{ ...widget, column: 10 }] } },
    ],
    ['GET', '/favorites?kind=unknown', undefined],
    ['GET', '/favorites?kind[$ne]=pinned', undefined],
    ['PUT', '/favorites', { kind: 'pinned' }],
    ['DELETE', '/favorites', undefined],
    ['POST', '/alerts/configs', { name: 'x' }],
    ['GET', '/alerts/configs/nonsense', undefined],
  ] as const)('refuse bad input: %s %s', async (method, url, payload) => {
    const answer = await as('carl', method, url, payload);
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ code: 'input.invalid', detail: expect.stringMatching(/./) });
    for (const target of [UserPreference, DashboardLayout, UserFavorite, UserAlertConfig])
      expect(await database.models.of<object>(target).countDocuments({ user_id: 'carl' })).toBe(0);
  });

  const nobodys = '0123456789abcdef01234567';
  const layout = { name: 'x', widgets: [] };
  const everyone = [{ kind: 'everyone', id: '*', access: 'view' }];
  it.each([
    ['GET', `/alerts/configs/${nobodys}`, undefined, 404, 'alerts.unknown'],
    ['DELETE', `/alerts/configs/${nobodys}`, undefined, 404, 'alerts.unknown'],
    ['GET', `/layouts/${nobodys}`, undefined, 404, 'layouts.unknown'],
    ['PUT', `/layouts/${nobodys}`, { version: 1, layout }, 404, 'layouts.unknown'],
    ['POST', '/dashboards/d/layout/copy', { layout_id: nobodys, version: 0 }, 404, 'layouts.unknown'],
    ['PUT', '/dashboards/d/layout', { version: 3, layout }, 409, 'preferences.stale'],
    [
      'PUT',
      '/dashboards/d/layout',
      { version: 0, layout: { ...layout, shared_with: everyone } },
      403,
      'layouts.share',
    ],
    ['PATCH', '/preferences', { version: 7, settings: {} }, 409, 'preferences.stale'],
    ['GET', '/organisations/water/preferences', undefined, 403, 'organisations.foreign'],
    ['PUT', '/organisations/water/preferences', { version: 0, settings: {} }, 403, 'forbidden'],
    ['GET', '/layouts?cursor=nonsense', undefined, 400, 'cursor.invalid'],
  ] as [NonNullable<InjectOptions['method']>, string, object | undefined, number, string][])(
    'say by a stable code what cannot be done: %s %s',
    async (method, url, payload, status, code) => {
      const answer = await as('carl', method, url, payload);
      expect([answer.statusCode, answer.json()]).toEqual([status, expect.objectContaining({ code })]);
    },
  );

  it('refuse callers without a token', async () => {
    for (const url of ['/preferences', '/dashboards/d/layout', '/favorites', '/alerts/configs'])
      expect((await app.inject(url)).statusCode).toBe(401);
  });
});
