import { describe, expect, it } from '@jest/globals';
import type { Change } from '@infratraq/capture';
import { AlertConfigs, AlertEvaluator, UserAlertConfig, type AlertConfigInput } from '@infratraq/preferences';
import type { NotificationRequest } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import { mongo } from 'mongoose';
import { watchEntities } from './watch-entities.js';

describe('alerts on entities, told of changes as capture gives them', () => {
  const database = useModels(UserAlertConfig);
  let place = 0;
  const change = (operation: Change['operation'], new_value: Change['new_value'], more: object = {}) => {
    place += 1;
    const at = new Date(Date.now() + place * 1_000);
    return {
      _id: `source:0000000000000001:${String(place).padStart(8, '0')}`,
      entity_type: 'contracts',
      entity_id: '1',
      operation,
      new_value,
      old_value: null,
      changed_fields: Object.keys(new_value ?? {}),
      changed_at: at,
      changed_by: 'u-1',
      ...more,
    } as Change;
  };
  /** What a new alert has told after these changes. */
  async function watch(config: Pick<AlertConfigInput, 'condition'>, changes: readonly Change[]) {
    const user = `u-${(place += 1)}`;
    const alerts = new AlertConfigs({ models: database.models, requireWatchable: async () => undefined });
    const { _id } = await alerts.create(user, {
      name: 'Contracts',
      kind: 'entity',
      entity_type: 'contracts',
      field: 'amount',
      channels: ['in_app'],
      ...config,
    });
    const told: NotificationRequest[] = [];
    const evaluator = new AlertEvaluator({
      models: database.models,
      metrics: { readMetric: async () => undefined },
      requireWatchable: async () => undefined,
      notifier: {
        send: async (request) => {
          if (request.to.users?.includes(user)) told.push(request);
          return { notification_id: 'n-1' };
        },
      },
      onError: (error) => {
        throw error;
      },
    });
    const consumer = watchEntities(evaluator, async () => new Set());
    await consumer.handle(changes as never, undefined as never);
    const { state } = await alerts.read(user, String(_id));
    return { told: told.map(({ type, data }) => [type, data['value']]), state };
  }
  const over = (threshold: number) => ({ condition: { operator: 'gt' as const, threshold } });
  const equal = (threshold: string | boolean) => ({ condition: { operator: 'eq' as const, threshold } });
  const decimal = (text: string) => mongo.Decimal128.fromString(text);

  it.each<[string, Pick<AlertConfigInput, 'condition'>, unknown, string]>([
    ['a decimal', over(99.5), decimal('99.75'), '99.75'],
    ['a large integer', over(5), mongo.Long.fromNumber(6), '6'],
    ['a text', equal('open'), 'open', 'open'],
    ['a truth', equal(true), true, 'true'],
    ['a time', equal('2026-05-04T00:00:00.000Z'), new Date('2026-05-04'), '2026-05-04T00:00:00.000Z'],
  ])('compare %s', async (_, config, value, said) => {
    expect((await watch(config, [change('UPDATE', { amount: value })])).told).toEqual([
      ['alert.fired', said],
    ]);
  });

  it('know nothing of a list or a document, and that a column is empty', async () => {
    for (const value of [[7], { amount: 7 }]) {
      const { told, state } = await watch(over(1), [change('UPDATE', { amount: value })]);
      expect([told, state.last_value]).toEqual([[], undefined]);
    }
    expect((await watch(over(1), [change('UPDATE', { amount: null })])).state.last_value).toBeNull();
  });

  it.each(['INSERT', 'SNAPSHOT', 'UPDATE'] as const)('look at a row that %s brings', async (operation) => {
    const { told } = await watch(over(1), [change(operation, { amount: 2 })]);
    expect(told).toEqual([['alert.fired', '2']]);
  });

  it.each([
    ['DELETE', {}],
    ['TRUNCATE', { entity_id: '*' }],
  ] as const)('are over once %s has taken the row away', async (operation, more) => {
    const { told } = await watch(over(1), [change('INSERT', { amount: 2 }), change(operation, null, more)]);
    expect(told.map(([type]) => type)).toEqual(['alert.fired', 'alert.cleared']);
  });

  it('are not over for a gap in the log, and take only an update for a change', async () => {
    const gap = change('GAP', null, { entity_type: '*', entity_id: '*' });
    expect((await watch(over(1), [change('INSERT', { amount: 2 }), gap])).state.status).toBe('firing');
    const changed = { condition: { operator: 'changed' as const } };
    const rows = (['SNAPSHOT', 'INSERT', 'UPDATE'] as const).map((operation) =>
      change(operation, { amount: 2 }),
    );
    expect((await watch(changed, rows)).told).toEqual([['alert.fired', '2']]);
  });

  it('take a row whose key moves for a changed one where its field has changed, and for no new one', async () => {
    const changed = { condition: { operator: 'changed' as const } };
    const move = (before: number, after: number) => [
      { ...change('DELETE', null, { moved_to: '2' }), old_value: { id: 1, amount: before } },
      change('INSERT', { id: 2, amount: after }, { entity_id: '2', moved_from: '1' }),
    ];
    expect((await watch(changed, move(2, 3))).told).toEqual([['alert.fired', '3']]);
    expect((await watch(changed, move(2, 2))).told).toEqual([]);
  });

  it('take a field for changed whose value before is unknown', async () => {
    const changed = { condition: { operator: 'changed' as const } };
    const update = change('UPDATE', { amount: 2 }, { changed_fields: [], uncertain_fields: ['amount'] });
    expect((await watch(changed, [update])).told).toEqual([['alert.fired', '2']]);
  });

  it('are over once a table has another name, and know nothing of rows that it brings along', async () => {
    const whole = { entity_id: '*', whole_table: true, changed_fields: [] };
    const first = change('INSERT', { amount: 2 });
    const altered = change('ALTER', { columns: [{ name: 'amount' }] }, whole);
    expect((await watch(over(1), [first, altered])).state.status).toBe('firing');
    const away = change('RENAME', { renamed_to: 'agreements' }, whole);
    expect((await watch(over(1), [first, away])).state.status).toBe('ok');
    const taken = change('RENAME', { renamed_from: 'agreements' }, whole);
    expect((await watch(over(1), [first, taken])).state.status).toBe('firing');
  });

  it('tell when the transaction committed, and begin with what comes from now on', async () => {
    const { told, state } = await watch(over(1), [
      change('UPDATE', { amount: 2 }, { changed_at: new Date('2026-05-04T08:00:00Z') }),
    ]);
    expect(told).toHaveLength(1);
    expect(state.last_fired_at).toEqual(new Date('2026-05-04T08:00:00Z'));
    expect(watchEntities({ observeChanges: async () => undefined }, async () => new Set()).startAt).toBe(
      'now',
    );
  });
});
