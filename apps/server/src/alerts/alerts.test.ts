import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { hashDimensions } from '@infratraq/caches';
import { createSensitiveFieldRepository } from '@infratraq/audit/postgres';
import { eventually } from '@infratraq/engines';
import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
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

let socket: Socket | undefined;
afterEach(() => void socket?.disconnect());

const configure = async (config: object) => {
  const defaults = { channels: ['in_app'], severity: 'critical' };
  const { status, body } = await engineer<Alert>('POST', '/alerts/configs', { ...defaults, ...config });
  expect(status).toBe(201);
  return body;
};
const stateOf = async ({ id }: Alert) => (await engineer<Alert>('GET', `/alerts/configs/${id}`)).body.state;
/** What the engineer's inbox holds of an alert, oldest first. */
const inboxOf = async (name: string) => {
  const { body } = await engineer<{ items: { type: string; title: string }[] }>('GET', '/notifications');
  const items = body.items.filter(({ title }) => title.endsWith(`: ${name}`));
  return items.map(({ type, title }) => `${type} ${title}`).reverse();
};
const inboxHolds = (name: string, expected: readonly string[]) =>
  eventually(
    () => inboxOf(name),
    (held) => held.length >= expected.length,
  ).then((held) => expect(held).toEqual(expected));
const changeWorkOrder = (status: string) =>
  server.postgres.pool.query('update work_orders set status = $1 where work_order_id = 1', [status]);

const countWaiting = async () =>
  (
    await server.postgres.pool.query<{ waiting: number }>(
      `select count(*)::int as waiting from pg_locks
       where not granted and relation = 'infratraq.collection_state_transition'::regclass`,
    )
  ).rows[0]!.waiting;

/** A request that is really slow: it waits for a table that somebody else has locked. */
async function askSlowly(): Promise<void> {
  const client = await server.postgres.pool.connect();
  await client.query('begin');
  await client.query('lock table infratraq.collection_state_transition in access exclusive mode');
  const answer = engineer('GET', '/collections/chat_message');
  await eventually(countWaiting, (waiting) => waiting > 0);
  await client.query('select pg_sleep(0.6)');
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
  let isSlow = true;
  const asking = (async () => {
    while (isSlow) await askSlowly();
  })();
  const firing = await eventually(look, ({ status }) => status === 'firing');
  isSlow = false;
  await asking;
  expect(firing).toMatchObject({ fired_count: 1 });
  expect(firing.last_value).toBeGreaterThan(500);
  const fired = 'alert.fired critical: Slow collections';
  await inboxHolds('Slow collections', [fired]);
  expect([...seen]).toContain('pending');
  for (let more = 0; more < 2; more += 1) {
    await askSlowly();
    expect(await look()).toMatchObject({ status: 'firing', fired_count: 1 });
  }
  expect(await inboxOf('Slow collections')).toEqual([fired]);
  const cleared = await eventually(
    async () => {
      await engineer('GET', '/collections/chat_message');
      return look();
    },
    ({ status }) => status === 'ok',
  );
  expect(cleared).toMatchObject({ fired_count: 1 });
  expect(cleared.last_value).toBeLessThanOrEqual(400);
  await inboxHolds('Slow collections', [fired, 'alert.cleared Over: Slow collections']);
});

it('fires when a rollup passes the threshold, holds between both thresholds, and clears, live in the inbox', async () => {
  socket = io(`${server.url}/notifications`, {
    auth: { token: await server.tokenOf('u-engineer-1', ['member']) },
    transports: ['websocket'],
  });
  const told: string[] = [];
  // What other alerts told may still come.
  socket.on('notification:created', ({ title }: { title: string }) => {
    if (title.endsWith(': Overdue')) told.push(title);
  });
  await once(socket as never, 'inbox:changed');
  const day = new Date().setUTCHours(0, 0, 0, 0);
  const rollUp = (sum: number) => {
    const period = { metric: 'work_orders_overdue', granularity: 'daily', period_start: new Date(day) };
    return server.putDocument('analytics_aggregate', period, {
      ...period,
      period_end: new Date(day + 86_400_000),
      dimensions: {},
      count: 1,
      sum,
      dimensions_hash: hashDimensions({}),
      source: 'work_orders',
      is_complete: false,
      computed_at: new Date(),
    });
  };
  // Other notifications go to the mailbox alone; where an alert tells is said by the alert.
  const { body } = await engineer<{ version: number }>('GET', '/preferences');
  const settings = { notifications: [{ type: '*', channels: ['email'] }] };
  await engineer('PATCH', '/preferences', { version: body.version, settings });
  await rollUp(10);
  const overdue = await configure({
    name: 'Overdue',
    kind: 'metric',
    metric: 'work_orders_overdue',
    metric_source: 'analytics_aggregate',
    statistic: 'sum',
    condition: { operator: 'gt', threshold: 20, clear_threshold: 15 },
  });
  const statuses: string[] = [];
  for (const sum of [10, 23, 18, 15]) {
    await rollUp(sum);
    const { status } = await eventually(
      () => stateOf(overdue),
      ({ last_value }) => last_value === sum,
    );
    statuses.push(status);
  }
  expect(statuses).toEqual(['ok', 'firing', 'firing', 'ok']);
  await inboxHolds('Overdue', ['alert.fired critical: Overdue', 'alert.cleared Over: Overdue']);
  await eventually(
    async () => told,
    ({ length }) => length >= 2,
  );
  expect(told).toEqual(['critical: Overdue', 'Over: Overdue']);
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
  await inboxHolds('Blocked', ['alert.fired critical: Blocked']);
  await server.postgres.pool.query(`update work_orders set title = title || '.' where work_order_id = 1`);
  await changeWorkOrder('done');
  expect(
    await eventually(
      () => stateOf(blocked),
      ({ status }) => status === 'ok',
    ),
  ).toMatchObject({ fired_count: 1, last_value: 'done' });
  await inboxHolds('Blocked', ['alert.fired critical: Blocked', 'alert.cleared Over: Blocked']);
});

it('lets nobody watch what they may not read', async () => {
  const watch = (call: typeof engineer, entity_type: string, field: string) =>
    call('POST', '/alerts/configs', {
      name: `${entity_type}.${field}`,
      kind: 'entity',
      entity_type,
      field,
      channels: ['in_app'],
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
    kind: 'entity',
    entity_type: 'contracts',
    field: 'title',
    condition: { operator: 'changed' },
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
