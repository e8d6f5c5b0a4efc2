import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { connectPostgres, migrate, type Postgres } from '@infratraq/postgres';
import { useModels } from '@infratraq/testing';
import { EntityChangelog } from '../collections/entity-changelog.js';
import { exampleDocuments } from '../example-documents.js';
import { createMask } from '../sensitive/mask-value.js';
import { RowRestorer } from './row-restorer.js';

const database = useModels(EntityChangelog);
let databases: TestDatabases;
let postgres: Postgres;
let restorer: RowRestorer;

beforeAll(async () => {
  databases = await createTestDatabases({ mongodb: false });
  postgres = await connectPostgres({ url: databases.postgresUrl });
  await migrate(postgres);
  await postgres.pool.query(`create table posts (post_id int primary key, label text, weight int);
    insert into posts values (7, 'seven', 7);
    create table marks (label text)`);
  restorer = new RowRestorer(options());
});
const options = () => ({
  models: database.models,
  postgres,
  fields: { list: async () => [] },
  mask: createMask('key'),
  key: 'key',
});
afterAll(async () => {
  await postgres.close();
  await databases.drop();
});

async function store(position: number, given: Partial<EntityChangelog>): Promise<string> {
  const {
    omitted_fields: _omitted,
    unchanged_fields: _unchanged,
    ...example
  } = exampleDocuments.EntityChangelog();
  const _id = `demo:0000000001A2B3C4:${position.toString(16).padStart(8, '0')}`;
  const change = { ...example, entity_type: 'posts', table_name: 'posts', _id, position, ...given };
  await database.models.of(EntityChangelog).create(change);
  return _id;
}

it('does not bring back a row of which the log held the key alone', async () => {
  const change_id = await store(1, {
    entity_id: '1',
    operation: 'DELETE',
    old_value: { post_id: 1 },
    new_value: null,
    changed_fields: ['post_id'],
  });
  const entity = { entity_type: 'posts', entity_id: '1' };
  const plan = await restorer.plan(entity, { change_id });
  expect(plan.conflicts).toEqual([
    expect.objectContaining({ kind: 'newer-change' }),
    expect.objectContaining({
      kind: 'value-unknown',
      blocking: true,
      detail: expect.stringContaining('label, weight'),
    }),
  ]);
  const order = { plan_id: plan.plan_id, reason: 'try' };
  await expect(restorer.apply(entity, { change_id }, order)).rejects.toMatchObject({
    code: 'audit.restore-blocked',
    status: 409,
  });
  expect((await postgres.pool.query('select from posts where post_id = 1')).rowCount).toBe(0);
});

it('leaves alone what the trail does not hold of a row that is there, and says so', async () => {
  const change_id = await store(2, {
    entity_id: '7',
    new_value: { post_id: 7, label: { omitted_bytes: 1, omitted_sha256: 'a' }, weight: 6 },
    changed_fields: ['label', 'weight'],
    omitted_fields: ['label'],
  });
  const plan = await restorer.plan({ entity_type: 'posts', entity_id: '7' }, { change_id });
  expect(plan.statements).toEqual([
    `update "public"."posts" set "weight" = '6'::integer where "post_id" = '7'::integer`,
  ]);
  expect(plan.conflicts).toEqual([
    expect.objectContaining({ kind: 'trail-behind', blocking: false }),
    expect.objectContaining({ kind: 'value-unknown', blocking: false }),
  ]);
});

it('says that the row has another key by now', async () => {
  const change_id = await store(3, {
    entity_id: '5',
    old_value: { post_id: 5, label: 'seven', weight: 7 },
    new_value: { post_id: 7, label: 'seven', weight: 7 },
    changed_fields: ['post_id'],
  });
  const plan = await restorer.plan({ entity_type: 'posts', entity_id: '5' }, { change_id });
  expect(plan).toMatchObject({ action: 'none', conflicts: [{ kind: 'key-changed', blocking: false }] });
});

it('refuses tables that are gone, or have no key, and values that no longer fit', async () => {
  const refusal = async (position: number, given: Partial<EntityChangelog>, code: string) => {
    const entity = { entity_type: 'posts', entity_id: '9', ...given };
    const change_id = await store(position, entity);
    const plan = restorer.plan(entity, { change_id });
    await expect(plan).rejects.toMatchObject({ code, message: expect.not.stringContaining('heavy') });
  };
  await refusal(4, { entity_type: 'gone', new_value: { a: 1 } }, 'audit.table-unknown');
  await refusal(5, { entity_type: 'marks', new_value: { label: 'x' } }, 'audit.no-primary-key');
  await refusal(6, { new_value: { post_id: 9, weight: 'heavy' } }, 'audit.restore-refused');
});

it('says that the role may not write the table', async () => {
  const role = `reader_${crypto.randomUUID().slice(0, 8)}`;
  await postgres.pool.query(
    `create role ${role} login password 'reader'; grant pg_read_all_data to ${role};
     grant usage on schema infratraq to ${role}`,
  );
  const url = Object.assign(new URL(databases.postgresUrl), { username: role, password: 'reader' }).href;
  const limited = await connectPostgres({ url });
  try {
    const restores = new RowRestorer({ ...options(), postgres: limited });
    const change_id = await store(30, { entity_id: '7', new_value: { post_id: 7, label: 'was', weight: 1 } });
    const entity = { entity_type: 'posts', entity_id: '7' };
    await expect(restores.plan(entity, { change_id })).rejects.toMatchObject({
      code: 'audit.restore-refused',
      message: expect.stringContaining('permission denied for table posts'),
    });
  } finally {
    await limited.close();
    await postgres.pool.query(`drop owned by ${role}; drop role ${role}`);
  }
});

it('brings back columns whose names documents reserve, each from its own field', async () => {
  await postgres.pool.query(`create table odd_names (id int primary key, "__proto__" text, "__proto___" text);
    insert into odd_names values (1, 'now', 'now')`);
  const change_id = await store(20, {
    entity_type: 'odd_names',
    table_name: 'odd_names',
    entity_id: '1',
    operation: 'UPDATE',
    old_value: null,
    new_value: { id: 1, __proto___: 'one', __proto____: 'two' },
    changed_fields: ['__proto___', '__proto____'],
  });
  const plan = await restorer.plan({ entity_type: 'odd_names', entity_id: '1' }, { change_id });
  expect(plan.statements).toEqual([
    `update "public"."odd_names" set "__proto__" = 'one'::text, "__proto___" = 'two'::text where "id" = '1'::integer`,
  ]);
  expect(plan.conflicts.filter(({ blocking }) => blocking)).toEqual([]);
});
