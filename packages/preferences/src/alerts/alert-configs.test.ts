import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { useModels } from '@infratraq/testing';
import type { AlertConfigInput } from './alert-config-schema.js';
import { alertConfigLimit, AlertConfigs } from './alert-configs.js';
import { listDueAlerts, listEntityAlerts } from '../collections/user-alert-config.queries.js';
import { UserAlertConfig } from '../collections/user-alert-config.js';

const onMetric: AlertConfigInput = {
  name: 'Overdue work orders',
  kind: 'metric',
  metric: 'work_orders_overdue',
  metric_source: 'analytics_aggregate',
  condition: { operator: 'gt', threshold: 20, clear_threshold: 15, for_seconds: 300 },
  channels: ['in_app', 'email'],
};
const onEntity: AlertConfigInput = {
  name: 'Status of a contract',
  kind: 'entity',
  entity_type: 'contracts',
  entity_id: '7',
  field: 'status',
  condition: { operator: 'changed' },
  channels: ['push'],
};

describe("a user's alerts", () => {
  const database = useModels(UserAlertConfig);
  const alerts = () => new AlertConfigs({ models: database.models, requireWatchable: async () => undefined });
  const newUser = () => `u-${randomUUID()}`;
  const unknown = expect.objectContaining({ code: 'alerts.unknown', status: 404 });

  it('are created in status ok, listed by name, replaced, and removed', async () => {
    const user = newUser();
    const status = await alerts().create(user, onEntity);
    const created = await alerts().create(user, onMetric);
    expect(created).toMatchObject({
      version: 1,
      severity: 'warning',
      state: { status: 'ok', fired_count: 0 },
    });
    expect((await alerts().list(user)).map(({ name }) => name)).toEqual([onMetric.name, onEntity.name]);
    const replaced = await alerts().replace(user, String(created._id), { ...onEntity, name: 'Other' }, 1);
    expect(replaced).toMatchObject({ version: 2, kind: 'entity', name: 'Other' });
    expect(replaced).not.toHaveProperty('metric');
    await alerts().remove(user, String(status._id));
    expect(await alerts().list(user)).toHaveLength(1);
    await expect(alerts().remove(user, String(status._id))).rejects.toEqual(unknown);
  });

  it('begin anew when their condition changes, but for the number of firings, and keep their state otherwise', async () => {
    const user = newUser();
    const { _id } = await alerts().create(user, onMetric);
    await database.models
      .of(UserAlertConfig)
      .updateOne({ _id }, { $set: { 'state.status': 'firing', 'state.fired_count': 3 } });
    const renamed = await alerts().replace(user, String(_id), { ...onMetric, name: 'Renamed' }, 1);
    expect(renamed.state).toMatchObject({ status: 'firing', fired_count: 3 });
    const loosened = await alerts().replace(
      user,
      String(_id),
      { ...onMetric, condition: { operator: 'gt', threshold: 30 } },
      2,
    );
    expect(loosened.state).toMatchObject({ status: 'ok', fired_count: 3 });
    expect(loosened.condition).not.toHaveProperty('clear_threshold');
  });

  it('let one of two writers pass and refuse the other', async () => {
    const user = newUser();
    const { _id } = await alerts().create(user, onMetric);
    const outcomes = await Promise.allSettled(
      ['one', 'two'].map((name) => alerts().replace(user, String(_id), { ...onMetric, name }, 1)),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find((outcome) => outcome.status === 'rejected')?.reason).toMatchObject({
      code: 'preferences.stale',
    });
  });

  it('belong to their user alone', async () => {
    const { _id } = await alerts().create(newUser(), onMetric);
    const stranger = newUser();
    await expect(alerts().read(stranger, String(_id))).rejects.toEqual(unknown);
    await expect(alerts().replace(stranger, String(_id), onMetric, 1)).rejects.toEqual(unknown);
    await expect(alerts().remove(stranger, String(_id))).rejects.toEqual(unknown);
    await expect(alerts().read(stranger, 'nonsense')).rejects.toEqual(unknown);
  });

  it('have names of their own', async () => {
    const user = newUser();
    await alerts().create(user, onMetric);
    const other = await alerts().create(user, onEntity);
    const taken = expect.objectContaining({ code: 'alerts.name-taken', status: 409 });
    await expect(alerts().create(user, onMetric)).rejects.toEqual(taken);
    await expect(
      alerts().replace(user, String(other._id), { ...onEntity, name: onMetric.name }, 1),
    ).rejects.toEqual(taken);
  });

  it('are never more than there is room for, although many are made at once', async () => {
    const user = newUser();
    const { _id, ...first } = await alerts().create(user, onMetric);
    const more = Array.from({ length: alertConfigLimit - 3 }, (_, number) => ({
      ...first,
      name: `${number}`,
    }));
    await database.models.of(UserAlertConfig).insertMany(more as never[]);
    const made = await Promise.allSettled(
      Array.from({ length: 8 }, (_, number) =>
        alerts().create(user, { ...onMetric, name: `late ${number}` }),
      ),
    );
    const full = expect.objectContaining({ code: 'alerts.full', status: 409 });
    for (const outcome of made) if (outcome.status === 'rejected') expect(outcome.reason).toEqual(full);
    const names = (await alerts().list(user)).map(({ name }) => name);
    expect(names.length).toBeLessThanOrEqual(alertConfigLimit);
    for (const outcome of made)
      if (outcome.status === 'fulfilled') expect(names).toContain(outcome.value.name);
    expect(names.length).toBeGreaterThanOrEqual(alertConfigLimit - 2);
  });

  it('are found when they are due, or by their entity, while they are enabled', async () => {
    const user = newUser();
    const entity = { entity_type: `type_${randomUUID()}`, entity_id: '7' };
    await alerts().create(user, onMetric);
    await alerts().create(user, { ...onMetric, name: 'Off', enabled: false });
    await alerts().create(user, { ...onEntity, ...entity });
    await alerts().create(user, { ...onEntity, ...entity, name: 'Every entity', entity_id: undefined });
    await alerts().create(user, { ...onEntity, ...entity, name: 'Another entity', entity_id: '8' });
    const due = await database.models.find(listDueAlerts, { by: new Date() });
    expect(due.filter(({ user_id }) => user_id === user).map(({ name }) => name)).toEqual([onMetric.name]);
    const parameters = { entity_types: [entity.entity_type], entity_ids: ['7'] };
    const found = await database.models.find(listEntityAlerts, parameters);
    expect(found.map(({ name }) => name).sort()).toEqual(['Every entity', onEntity.name]);
  });

  it.each([
    ['a metric alert without its metric', { ...onMetric, metric: undefined }],
    ['a metric alert on a field', { ...onMetric, field: 'status' }],
    ['an entity alert without a field', { ...onEntity, field: undefined }],
    ['a comparison without a threshold', { ...onMetric, condition: { operator: 'gt' } }],
    ['an order of words', { ...onMetric, condition: { operator: 'gt', threshold: 'many' } }],
    [
      'a hysteresis on the wrong side',
      { ...onMetric, condition: { operator: 'gt', threshold: 20, clear_threshold: 25 } },
    ],
    ['a metric that merely changes', { ...onMetric, condition: { operator: 'changed' } }],
    ['a change that is to last', { ...onEntity, condition: { operator: 'changed', for_seconds: 5 } }],
    ['a statistic of another source', { ...onMetric, statistic: 'p99_ms' }],
    ['a period of what has none', { ...onMetric, metric_source: 'performance_metric', granularity: 'daily' }],
    ['no channel', { ...onMetric, channels: [] }],
    ['a state that only the evaluator writes', { ...onMetric, state: { status: 'firing' } }],
  ])('refuse %s', async (_case, config) => {
    const user = newUser();
    await expect(alerts().create(user, config as AlertConfigInput)).rejects.toMatchObject({
      code: 'preferences.invalid',
    });
    expect(await alerts().list(user)).toEqual([]);
  });
});
