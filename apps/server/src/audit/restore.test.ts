import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

interface Restoration {
  applied: boolean;
  plan_id: string;
  action: string;
  statements: string[];
  differences: { column: string; current: string | null; restored: string | null }[];
  conflicts: { kind: string; detail: string; blocking: boolean }[];
  code?: string;
}

let server: TestServer;
let operator: Awaited<ReturnType<TestServer['as']>>;
let site = 0;

const query = async (text: string) =>
  (await server.postgres.pool.query(text)).rows as Record<string, string>[];
const changesOf = (entity_id: string) => server.mongodbDocuments('entity_changelog', { entity_id });
const idNow = () => JSON.stringify([String(site), 'A']);
const path = (type = 'fittings', id = idNow()) => `/audit/entities/${type}/${encodeURIComponent(id)}/restore`;
const here = () => `where site = ${site} and code = 'A'`;
const rowNow = async () => (await query(`select t::text as row from fittings t ${here()}`))[0]?.row;

/** Runs SQL, waits until capture has brought its change of the row, and answers that change's id. */
async function change(text: string): Promise<string> {
  const before = (await changesOf(idNow())).length;
  await query(text);
  const changes = await eventually(
    () => changesOf(idNow()),
    (found) => found.length > before,
  );
  return changes
    .map(({ _id }) => String(_id))
    .sort()
    .at(-1)!;
}
const restore = async (body: object, to = path()) => (await operator<Restoration>('POST', to, body)).body;
async function applyPlan(selector: object): Promise<Restoration> {
  const { plan_id } = await restore(selector);
  return restore({ ...selector, apply: true, plan_id, reason: 'typed into the wrong row' });
}

const values: Record<string, [type: string, literal: string]> = {
  amount: ['numeric(30,9)', '12345678901234567890.123456789'],
  big: ['bigint', '9223372036854775807'],
  ratio: ['double precision', '-0'],
  flag: ['boolean', 'true'],
  note: ['text', `it's "quoted" \\ and $1`],
  letters: ['character(5)', 'ab'],
  at: ['timestamptz', '2026-01-02 03:04:05.678901+00'],
  never: ['timestamptz', 'infinity'],
  ancient: ['timestamp', '0044-03-15 12:00:00 BC'],
  span: ['interval', '1 mon -2 days 03:04:05.000006'],
  scan: ['bytea', '\\x00ff10'],
  id: ['uuid', '6f0c1a4e-9b1d-4c53-8f5a-0b7a3d1f2e90'],
  facts: ['jsonb', '{"depth": 0.1, "tags": ["a", null], "text": "x"}'],
  raw: ['jsonb', '"alone"'],
  address: ['inet', '192.0.2.0/24'],
  place: ['point', '(1.5,2)'],
  days: ['daterange', '[2026-01-01,2026-02-01)'],
  spans: ['int4multirange', '{[1,3),[5,9)}'],
  grid: ['numeric[]', '{{1.10,NULL},{3,4}}'],
  moods: ['mood[]', '{calm,"very busy"}'],
  spot: ['spot', '(7,"a, \\"b\\"")'],
  words: ['tsvector', `'cat':3 'fat':2`],
  huge: ['jsonb', '{"big": 12345678901234567890.5}'],
  none: ['real', 'NaN'],
  endless: ['numeric', '-Infinity'],
  bits: ['bit varying(7)', '101'],
  clock: ['time with time zone', '03:04:05.6+02'],
  card: ['macaddr', '08:00:2b:01:02:03'],
  share: ['percent', '12.50'],
  times: ['timestamptz[]', '{infinity,"2026-01-02 03:04:05.678901+00"}'],
  boxes: ['box[]', '{(2,2),(1,1);(4,4),(3,3)}'],
  texts: ['text[]', '{NULL,"NULL","a,b"}'],
  spots: ['spot[]', '{"(1,\\"a b\\")"}'],
};

beforeAll(async () => {
  server = await openTestServer();
  operator = await server.as('u-operator-1', 'operator');
  const columns = Object.entries(values).map(([name, [type]]) => `${name} ${type}`);
  await query(`create type mood as enum ('calm', 'very busy')`);
  await query('create domain percent as numeric check (value <= 100)');
  await query('create type spot as (x int, remark text)');
  await query(`create table fittings (code text, site int, ${columns.join(', ')},
    shelf int check (shelf < 100), doubled int generated always as (shelf * 2) stored,
    number int generated always as identity, primary key (site, code))`);
  await query('alter table fittings replica identity full');
});
afterAll(() => server.close());

let created: string;
beforeEach(async () => {
  site += 1;
  const names = Object.keys(values);
  const insert = {
    text: `insert into fittings (code, site, shelf, ${names.join(', ')})
      values ('A', ${site}, 1, ${names.map((name, index) => `$${index + 1}::text::${values[name]![0]}`).join(', ')})`,
    values: names.map((name) => values[name]![1]),
  };
  await server.postgres.pool.query(insert);
  const [first] = await eventually(
    () => changesOf(idNow()),
    (found) => found.length > 0,
  );
  created = String(first!._id);
});

it('shows what it would do, and changes nothing until that plan is given back', async () => {
  // Its document holds 0.1, which is the same number.
  const facts = `'{"depth": 0.10}'`;
  const last = await change(`update fittings set shelf = 2, note = 'other', facts = ${facts} ${here()}`);
  const plan = await restore({ change_id: created });
  expect(plan).toMatchObject({
    applied: false,
    action: 'update',
    differences: [
      { column: 'note', current: 'other', restored: values['note']![1] },
      { column: 'facts', current: '{"depth": 0.10}' },
      { column: 'shelf', current: '2', restored: '1' },
    ],
    conflicts: [{ kind: 'newer-change', detail: expect.stringContaining(last), blocking: false }],
  });
  expect(plan.statements).toEqual([
    expect.stringMatching(
      /^update "public"."fittings" set "note" = .*, "facts" = .*, "shelf" = '1'::integer where /,
    ),
  ]);
  expect((await query(`select shelf from fittings ${here()}`))[0]).toEqual({ shelf: 2 });
  expect(await restore({ change_id: last })).toMatchObject({ action: 'none', statements: [], conflicts: [] });
});

it('brings every value of every type back as it was, and is captured with who and why', async () => {
  const original = await rowNow();
  const nulls = Object.keys(values).map((name) => `${name} = null`);
  await change(`update fittings set ${nulls.join(', ')} ${here()}`);
  const [first] = await server.mongodbDocuments('entity_changelog', { _id: created });
  expect(await applyPlan({ at: first!['changed_at'] })).toMatchObject({ applied: true, action: 'update' });
  expect(await rowNow()).toBe(original);
  const changes = await eventually(
    () => changesOf(idNow()),
    (found) => found.length === 3,
  );
  expect(changes.find(({ reason }) => reason !== undefined)).toMatchObject({
    changed_by: 'u-operator-1',
    reason: 'typed into the wrong row',
    source: 'application',
    operation: 'UPDATE',
  });
});

it('brings a deleted row back with its key and number, without writing what PostgreSQL computes', async () => {
  const original = await rowNow();
  const deletion = await change(`delete from fittings ${here()}`);
  const plan = await restore({ change_id: deletion });
  expect(plan.action).toBe('insert');
  expect(plan.statements[0]).toMatch(/overriding system value/);
  expect(plan.statements[0]).not.toContain('doubled');
  await applyPlan({ change_id: deletion });
  expect(await rowNow()).toBe(original);
});

it('refuses a plan once the row has changed again', async () => {
  await change(`update fittings set shelf = 2 ${here()}`);
  const { plan_id } = await restore({ change_id: created });
  await change(`update fittings set shelf = 3 ${here()}`);
  const order = { change_id: created, apply: true, plan_id, reason: 'too late' };
  expect(await restore(order)).toMatchObject({ status: 409, code: 'audit.plan-stale' });
  expect((await query(`select shelf from fittings ${here()}`))[0]).toEqual({ shelf: 3 });
  expect(await restore({ ...order, plan_id: 'f'.repeat(64) })).toMatchObject({ code: 'audit.plan-stale' });
});

it('says which columns came or went since, and that a constraint forbids it', async () => {
  await query('create table racks (rack_id int primary key, label text, old text)');
  await query('alter table racks replica identity full');
  await query(`insert into racks values (1, 'one', 'gone')`);
  const [first] = await eventually(
    () => server.mongodbDocuments('entity_changelog', { entity_type: 'racks' }),
    (found) => found.length > 0,
  );
  await query('alter table racks drop column old');
  await query(`alter table racks add column fresh int default 5, add unique (label)`);
  await query(`update racks set label = 'two' where rack_id = 1`);
  await query(`insert into racks values (2, 'one')`);
  const selector = { change_id: String(first!._id) };
  const plan = await restore(selector, path('racks', '1'));
  expect(plan.conflicts.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['column-dropped', 'column-added']),
  );
  const order = { ...selector, apply: true, plan_id: plan.plan_id, reason: 'try' };
  expect(await restore(order, path('racks', '1'))).toMatchObject({
    status: 409,
    code: 'audit.restore-refused',
  });
});

it('masks what is sensitive in the plan, and restores the value itself', async () => {
  await query(`insert into infratraq.sensitive_fields (table_name, column_name, masking, reason)
    values ('fittings', 'note', 'full', 'test')`);
  const secret = values['note']![1];
  await change(`update fittings set note = 'other secret' ${here()}`);
  const plan = await restore({ change_id: created });
  expect(plan.differences).toEqual([{ column: 'note', current: '[masked]', restored: '[masked]' }]);
  expect(JSON.stringify(plan)).not.toMatch(/secret|quoted/);
  await applyPlan({ change_id: created });
  expect((await query(`select note from fittings ${here()}`))[0]).toEqual({ note: secret });
  await query('delete from infratraq.sensitive_fields');
});

it('is for operators and administrators, needs a reason, and keeps its own tables for administrators', async () => {
  for (const role of ['member', 'auditor'] as const) {
    const call = await server.as(`u-${role}-9`, role);
    expect((await call('POST', path(), { change_id: created })).status).toBe(403);
  }
  expect(await restore({ change_id: created, apply: true, plan_id: 'x' })).toMatchObject({
    status: 400,
    code: 'audit.plan-required',
  });
  expect(await restore({})).toMatchObject({ status: 400, code: 'audit.version-selector' });
  expect(await restore({ change_id: 'nothing' })).toMatchObject({
    status: 404,
    code: 'audit.change-unknown',
  });
  await query(`insert into infratraq.users (user_id, display_name) values ('u-restored', 'One')`);
  const changes = await eventually(
    () => server.mongodbDocuments('entity_changelog', { entity_id: 'u-restored' }),
    (found) => found.length === 1,
  );
  const own = path('infratraq.users', 'u-restored');
  const change_id = String(changes[0]!._id);
  expect(await restore({ change_id }, own)).toMatchObject({ status: 403, code: 'audit.restore-own-table' });
  const admin = await server.as('u-admin-1', 'admin');
  expect((await admin('POST', own, { change_id })).body).toMatchObject({ action: 'none' });
});
