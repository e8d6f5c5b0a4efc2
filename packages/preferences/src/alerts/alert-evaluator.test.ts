import { describe, expect, it, beforeEach } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { NotificationRequest } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import type { AlertConfigInput } from './alert-config-schema.js';
import { AlertConfigs } from './alert-configs.js';
import { AlertEvaluator, type AlertEvaluatorOptions } from './alert-evaluator.js';
import type { EntityChange } from './entity-change.js';
import { UserAlertConfig } from '../collections/user-alert-config.js';
import type { AlertValue } from '../collections/user-alert-config-parts.js';

const overdue: AlertConfigInput = {
  name: 'Overdue work orders',
  kind: 'metric',
  metric: 'work_orders_overdue',
  metric_source: 'analytics_aggregate',
  condition: { operator: 'gt', threshold: 20, clear_threshold: 15, for_seconds: 60 },
  channels: ['in_app'],
};
const blocked: AlertConfigInput = {
  name: 'Blocked work orders',
  kind: 'entity',
  entity_type: 'work_orders',
  field: 'status',
  condition: { operator: 'eq', threshold: 'blocked' },
  channels: ['email'],
};

describe('the evaluation of alerts', () => {
  const database = useModels(UserAlertConfig);
  const alerts = () => new AlertConfigs({ models: database.models, requireWatchable: async () => undefined });
  const model = () => database.models.of(UserAlertConfig);
  let seconds = 0;
  let beginning = Date.now();
  let value: number | undefined;
  let sent: NotificationRequest[];
  let user: string;
  const now = () => new Date(beginning + seconds * 1_000);

  beforeEach(async () => {
    await model().deleteMany({});
    // Later than any of the alerts is configured, which goes by the real clock.
    [seconds, beginning, value, sent] = [0, Date.now() + 3_600_000, undefined, []];
    user = `u-${randomUUID()}`;
  });

  const evaluator = (options: Partial<AlertEvaluatorOptions> = {}) =>
    new AlertEvaluator({
      models: database.models,
      notifier: {
        send: async (request) => {
          if (!sent.some(({ idempotency_key }) => idempotency_key === request.idempotency_key))
            sent.push(request);
          return { notification_id: randomUUID() };
        },
      },
      metrics: { readMetric: async () => value },
      requireWatchable: async () => undefined,
      intervalSeconds: 10,
      onError: (error) => {
        throw error;
      },
      now,
      ...options,
    });
  const keys = () =>
    sent.map(({ idempotency_key }) => idempotency_key?.replace(/^alert:[^:]*:(.*):\d+$/, '$1'));
  const observe = async (seen: number | undefined, after: number, options = {}) => {
    value = seen;
    seconds += after;
    return evaluator(options).evaluateDue();
  };

  it('fires once a metric has stayed beyond its threshold for long enough, holds, and clears past hysteresis', async () => {
    const { _id } = await alerts().create(user, overdue);
    const statuses: string[] = [];
    for (const [seen, after] of [
      [10, 0],
      [30, 10],
      [30, 50],
      [30, 10],
      [18, 10],
      [15, 10],
    ] as const) {
      await observe(seen, after);
      statuses.push((await alerts().read(user, String(_id))).state.status);
    }
    expect(statuses).toEqual(['ok', 'pending', 'pending', 'firing', 'firing', 'ok']);
    expect(keys()).toEqual(['1:fired', '1:cleared']);
    expect(sent[0]).toMatchObject({
      to: { users: [user] },
      type: 'alert.fired',
      channels: ['in_app'],
      chosen_by_recipient: true,
      idempotency_key: expect.stringMatching(`^alert:${String(_id)}:1:fired:`),
      data: { name: overdue.name, value: '30', condition: 'gt 20', subject: 'work_orders_overdue sum' },
    });
  });

  it('goes on in the middle of its duration after a restart', async () => {
    await alerts().create(user, overdue);
    await observe(30, 0);
    await observe(30, 30, { toleratedGapSeconds: 40 });
    await observe(30, 30, { toleratedGapSeconds: 40 });
    expect(keys()).toEqual(['1:fired']);
  });

  it('looks at an alert only once it is due, and at the longest due first', async () => {
    for (const name of ['one', 'two', 'three']) await alerts().create(user, { ...overdue, name });
    value = 1;
    expect(await evaluator().evaluateDue(2)).toEqual({ evaluated: 2, failed: 0 });
    expect(await evaluator().evaluateDue(2)).toEqual({ evaluated: 1, failed: 0 });
    expect(await evaluator().evaluateDue(2)).toEqual({ evaluated: 0, failed: 0 });
    expect(await observe(1, 10)).toEqual({ evaluated: 3, failed: 0 });
  });

  it('is done once although many processes do it at the same moment', async () => {
    const { _id } = await alerts().create(user, { ...overdue, condition: { operator: 'gt', threshold: 20 } });
    value = 30;
    const all: string[] = [];
    const notifier = {
      send: async (request: NotificationRequest) => {
        all.push(request.idempotency_key ?? '');
        return { notification_id: randomUUID() };
      },
    };
    const clocks = Array.from({ length: 6 }, (_, index) => () => new Date(beginning + index));
    await Promise.all(clocks.map((clock) => evaluator({ notifier, now: clock }).evaluateDue()));
    expect(all).toEqual([expect.stringMatching(`^alert:${String(_id)}:1:fired:`)]);
    expect((await alerts().read(user, String(_id))).state.fired_count).toBe(1);
  });

  it('tells of a firing later, by the same key, when the first attempt to tell fails', async () => {
    await alerts().create(user, { ...overdue, condition: { operator: 'gt', threshold: 20 } });
    const failures: unknown[] = [];
    const away = {
      notifier: { send: () => Promise.reject(new Error('away')) },
      onError: (error: unknown) => failures.push(error),
    };
    await observe(30, 0, away);
    await observe(10, 10, away);
    expect(failures).toHaveLength(2);
    expect(sent).toEqual([]);
    await observe(10, 10);
    expect(keys()).toEqual(['1:fired', '1:cleared']);
    await observe(10, 10);
    expect(sent).toHaveLength(2);
    expect((await model().findOne({ user_id: user }).lean())?.evaluation?.notices).toEqual([]);
  });

  it('does not stop at an alert that fails, and comes back to it', async () => {
    await alerts().create(user, { ...overdue, name: 'bad', metric: 'bad' });
    await alerts().create(user, { ...overdue, name: 'good' });
    const failures: string[] = [];
    const faulty = {
      metrics: {
        readMetric: async ({ metric }: { metric: string }) => {
          if (metric === 'bad') throw new Error('no such metric');
          return 1;
        },
      },
      onError: (_error: unknown, doing: string) => failures.push(doing),
    };
    expect(await evaluator(faulty).evaluateDue()).toEqual({ evaluated: 1, failed: 1 });
    expect(failures).toEqual([expect.stringMatching(/^evaluating the alert bad \([0-9a-f]{24}\)$/)]);
    expect(await evaluator().evaluateDue()).toEqual({ evaluated: 0, failed: 0 });
    expect(await observe(1, 10)).toEqual({ evaluated: 2, failed: 0 });
  });

  it.each([
    ['keep', 'firing', ['1:fired']],
    ['ok', 'ok', ['1:fired', '1:cleared']],
    ['alert', 'firing', ['1:fired']],
  ] as const)('takes missing data as it is told: %s', async (missing_data, status, told) => {
    const condition = { operator: 'gt' as const, threshold: 20, missing_data };
    const { _id } = await alerts().create(user, { ...overdue, condition });
    await observe(30, 0);
    await observe(undefined, 10);
    expect((await alerts().read(user, String(_id))).state.status).toBe(status);
    expect(keys()).toEqual(told);
  });

  it('numbers firings on when the condition was changed, so that none is taken for one that was told', async () => {
    const condition = { operator: 'gt' as const, threshold: 20 };
    const { _id } = await alerts().create(user, { ...overdue, condition });
    await observe(30, 0);
    await alerts().replace(user, String(_id), { ...overdue, condition: { ...condition, threshold: 25 } }, 1);
    await observe(30, 10);
    expect(keys()).toEqual(['1:fired', '2:fired']);
  });

  it('tells of a firing also where a replacement that had read an earlier state took its number back', async () => {
    const condition = { operator: 'gt' as const, threshold: 20 };
    const { _id } = await alerts().create(user, { ...overdue, condition });
    await observe(30, 0);
    await alerts().replace(user, String(_id), { ...overdue, condition: { ...condition, threshold: 25 } }, 1);
    await model().updateOne({ _id }, { $set: { 'state.fired_count': 0 } });
    await observe(30, 10);
    expect(sent).toHaveLength(2);
  });

  it('adopts alerts that were stored before there was an evaluator', async () => {
    const { _id } = await alerts().create(user, overdue);
    await model().updateOne({ _id }, { $unset: { evaluation: 1 } });
    await evaluator().adoptAlerts();
    expect(await observe(1, 10)).toEqual({ evaluated: 1, failed: 0 });
  });

  describe('on entities', () => {
    let position = 0;
    const change = (
      entity_id: string,
      status: AlertValue,
      kind: EntityChange['kind'] = 'updated',
    ): EntityChange => ({
      entity_type: 'work_orders',
      entity_id,
      change_id: `source:${String((position += 1)).padStart(8, '0')}`,
      at: now(),
      kind,
      values: { status },
      changed_fields: ['status'],
    });

    it('tells each entity of a type apart', async () => {
      const { _id } = await alerts().create(user, blocked);
      await evaluator().observeChanges([
        change('1', 'blocked'),
        change('2', 'blocked', 'seen'),
        change('3', 'open'),
        change('2', 'done'),
      ]);
      expect(keys()).toEqual(['1:fired', '2:fired', '2:cleared']);
      expect(sent.map(({ entity }) => entity?.entity_id)).toEqual(['1', '2', '2']);
      const { state, entity_states } = await alerts().read(user, String(_id));
      expect(state).toMatchObject({ status: 'firing', fired_count: 2 });
      expect(entity_states?.map(({ entity_id, status }) => [entity_id, status])).toEqual([['1', 'firing']]);
      await evaluator().observeChanges([change('1', null, 'removed')]);
      expect(keys().at(-1)).toBe('1:cleared');
      expect((await alerts().read(user, String(_id))).state.status).toBe('ok');
    });

    it('looks at changes once although they come again', async () => {
      await alerts().create(user, { ...blocked, entity_id: '1' });
      const changes = [change('1', 'blocked'), change('1', 'open')];
      for (const again of [changes, changes, changes.slice(0, 1)]) await evaluator().observeChanges(again);
      expect(keys()).toEqual(['1:fired', '1:cleared']);
      await Promise.all([1, 2, 3].map(() => evaluator().observeChanges([change('1', 'blocked')])));
      expect(keys()).toEqual(['1:fired', '1:cleared', '2:fired']);
    });

    it('fires without a further change once the condition has held for long enough', async () => {
      await alerts().create(user, { ...blocked, condition: { ...blocked.condition, for_seconds: 300 } });
      await evaluator().observeChanges([change('1', 'blocked'), change('2', 'blocked')]);
      seconds += 200;
      await evaluator().observeChanges([change('2', 'open')]);
      expect(await evaluator().evaluateDue()).toEqual({ evaluated: 0, failed: 0 });
      seconds += 100;
      expect(await evaluator().evaluateDue()).toEqual({ evaluated: 1, failed: 0 });
      expect(sent).toMatchObject([{ type: 'alert.fired', entity: { entity_id: '1' } }]);
      seconds += 20;
      await evaluator().evaluateDue();
      seconds += 20;
      expect(await evaluator().evaluateDue()).toEqual({ evaluated: 0, failed: 0 });
    });

    it('tells of changes of the watched field alone, and clears all when a table is emptied', async () => {
      await alerts().create(user, { ...blocked, name: 'Changes', condition: { operator: 'changed' } });
      await alerts().create(user, blocked);
      await evaluator().observeChanges([
        change('1', 'blocked', 'seen'),
        { ...change('1', 'blocked'), changed_fields: ['title'] },
        change('1', 'done'),
        change('1', 'blocked'),
      ]);
      expect(sent.filter(({ data }) => data['name'] === 'Changes')).toHaveLength(2);
      sent = [];
      await evaluator().observeChanges([{ ...change('*', null, 'emptied'), values: {} }]);
      expect(keys()).toEqual(['2:cleared']);
    });
  });
});
