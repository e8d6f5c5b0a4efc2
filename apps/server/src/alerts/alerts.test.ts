import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createSensitiveFieldRepository } from '@infratraq/postgres';
import { eventually } from '@infratraq/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

interface Alert {
  id: string;
  state: { status: string; fired_count: number; last_value?: number | string };
}

let server: TestServer;
let engineer: Awaited<ReturnType<TestServer['as']>>;

beforeAll(async () => {
  server = await openTestServer({ METRICS_WINDOW_SECONDS: '1', ALERTS_INTERVAL_SECONDS: '0.2' });
  engineer = await server.as('u-engineer-1', 'member');
});
afterAll(() => server.close());

const configure = async (config: object) => {
  const defaults = { channels: ['in_app'], severity: 'critical' };
  const { status, body } = await engineer<Alert>('POST', '/alerts/configs', { ...defaults, ...config });
  expect(status).toBe(201);
  return body;
};
const stateOf = async ({ id }: Alert) => (await engineer<Alert>('GET', `/alerts/configs/${id}`)).body.state;
const changeWorkOrder = (status: string) =>
  server.postgres.pool.query('update work_orders set status = $1 where work_order_id = 1', [status]);

/** A request that is really slow: it waits for a table that somebody else has locked. */
async function askSlowly(): Promise<void> {
  const client = await server.postgres.pool.connect();
  await client.query('begin');
  await client.query('lock table infratraq.collection_state_transition in access exclusive mode');
  const answer = engineer('GET', '/collections/chat_message');
  await delay(600);
  await client.query('commit');
  client.release();
  await answer;
}

it('fires while requests are slow, holds as long as they are, and clears once they are fast again', async () => {
  const slow = await configure({
    name: 'Slow collections',
    kind: 'metric',
    metric: 'http.server.request',
    metric_source: 'performance_metric',
    statistic: 'minimum_ms',
    dimensions: { endpoint: 'GET /api/v1/collections/:name' },
    condition: { operator: 'gt', threshold: 500, clear_threshold: 400, for_seconds: 1 },
  });
  const seen = new Set<string>();
  const look = async () => {
    const state = await stateOf(slow);
    seen.add(state.status);
    return state;
  };
  const firing = await eventually(
    async () => {
      await askSlowly();
      return look();
    },
    ({ status }) => status === 'firing',
  );
  expect(firing).toMatchObject({ fired_count: 1 });
  expect(firing.last_value).toBeGreaterThan(500);
  expect([...seen]).toContain('pending');
  for (let more = 0; more < 2; more += 1) {
    await askSlowly();
    expect(await look()).toMatchObject({ status: 'firing', fired_count: 1 });
  }
  const cleared = await eventually(
    async () => {
      await engineer('GET', '/collections/chat_message');
      return look();
    },
    ({ status }) => status === 'ok',
  );
  expect(cleared).toMatchObject({ fired_count: 1 });
  expect(cleared.last_value).toBeLessThanOrEqual(400);
});

it('fires when a row changes, by whatever program, holds, and clears when it changes back', async () => {
  const blocked = await configure({
    name: 'Blocked',
    kind: 'entity',
    entity_type: 'work_orders',
    field: 'status',
    condition: { operator: 'eq', threshold: 'blocked', for_seconds: 1 },
  });
  await changeWorkOrder('blocked');
  const pending = await eventually(
    () => stateOf(blocked),
    ({ status }) => status !== 'ok',
  );
  expect(pending).toMatchObject({ last_value: 'blocked' });
  await eventually(
    () => stateOf(blocked),
    ({ status, fired_count }) => status === 'firing' && fired_count === 1,
  );
  await server.postgres.pool.query(`update work_orders set title = title || '.' where work_order_id = 1`);
  await changeWorkOrder('done');
  expect(
    await eventually(
      () => stateOf(blocked),
      ({ status }) => status === 'ok',
    ),
  ).toMatchObject({ fired_count: 1, last_value: 'done' });
});

it('lets nobody watch what they may not read', async () => {
  const watch = (call: typeof engineer, entity_type: string, field: string) =>
    call('POST', '/alerts/configs', {
      ...{ name: `${entity_type}.${field}`, kind: 'entity', entity_type, field, channels: ['in_app'] },
      condition: { operator: 'changed' },
    });
  const refused = { status: 403, body: { code: 'alerts.not-watchable' } };
  const auditor = await server.as('u-auditor-1', 'member', 'auditor');
  expect(await watch(engineer, 'infratraq.api_keys', 'revoked_at')).toMatchObject(refused);
  expect(await watch(auditor, 'infratraq.api_keys', 'revoked_at')).toMatchObject({ status: 201 });

  expect(await watch(engineer, 'contracts', 'amount')).toMatchObject({ status: 201 });
  const fields = createSensitiveFieldRepository(server.postgres);
  await fields.declare({ table: 'contracts', column: 'amount', reason: 'trade secret' });
  expect(await watch(auditor, 'contracts', 'amount')).toMatchObject(refused);
  // What is watched already tells nothing any more; a later change that is told of shows that it was passed over.
  const after = await configure({
    name: 'Titles',
    ...{ kind: 'entity', entity_type: 'contracts', field: 'title', condition: { operator: 'changed' } },
  });
  await server.postgres.pool.query('update contracts set amount = amount + 1 where contract_id = 1');
  await server.postgres.pool.query(`update contracts set title = 'Renamed' where contract_id = 1`);
  await eventually(
    () => stateOf(after),
    ({ fired_count }) => fired_count === 1,
  );
  const [alert] = await server.mongodbDocuments('user_alert_config', { name: 'contracts.amount' });
  expect(alert!['state']).toMatchObject({ fired_count: 0 });
  expect(alert!['state']).not.toHaveProperty('last_value');
});
