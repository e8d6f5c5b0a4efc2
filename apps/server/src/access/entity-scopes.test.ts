import { EntityChangelog } from '@infratraq/audit';
import { createTestDatabases, eventually } from '@infratraq/engines';
import { openModels, type Models } from '@infratraq/mongo';
import { openPostgres, type Postgres } from '@infratraq/postgres';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { migrations } from '../migrations.js';
import { loadDemonstration } from '../demonstration/load-demonstration.js';
import { EntityScopes } from './entity-scopes.js';
import { reportAccessCoverage } from './report-access-coverage.js';

let databases: Awaited<ReturnType<typeof createTestDatabases>>;
let postgres: Postgres;
let models: Models;
let closeModels: () => Promise<void>;
let scopes: EntityScopes;

beforeAll(async () => {
  databases = await createTestDatabases();
  ({ postgres } = await openPostgres(databases, migrations));
  ({ models, close: closeModels } = await openModels(databases, [EntityChangelog]));
  await loadDemonstration(postgres);
  await postgres.pool.query(`
    create schema site;
    create table site.zones (
      project_id integer references projects, zone text, parent text,
      primary key (project_id, zone),
      foreign key (project_id, parent) references site.zones (project_id, zone)
    );
    create table site.sensors (
      sensor_id uuid primary key, project_id integer, zone text, twin uuid references site.sensors,
      foreign key (project_id, zone) references site.zones
    );
    create table site.readings (
      sensor_id uuid references site.sensors, taken_at date, primary key (sensor_id, taken_at)
    ) partition by range (taken_at);
    create table site.readings_2026 partition of site.readings for values from ('2026-01-01') to ('2027-01-01');
    create table left_hand (id integer primary key, other integer);
    create table right_hand (id integer primary key, other integer references left_hand, asset_id integer references assets);
    alter table left_hand add foreign key (other) references right_hand deferrable initially deferred;
    create table loose (id integer primary key);
    insert into site.zones values (3, 'north "A"', null), (3, 'inner', 'north "A"');
    insert into site.sensors values
      ('6f0c1a4e-9b1d-4c53-8f5a-0b7a3d1f2e90', 3, 'inner', null),
      ('7f0c1a4e-9b1d-4c53-8f5a-0b7a3d1f2e90', null, null, '6f0c1a4e-9b1d-4c53-8f5a-0b7a3d1f2e90');
    insert into site.readings values ('6f0c1a4e-9b1d-4c53-8f5a-0b7a3d1f2e90', '2026-02-03');
    begin;
    insert into left_hand values (1, 1);
    insert into right_hand values (1, 1, 5);
    commit;
    insert into loose values (1);`);
  scopes = new EntityScopes({ postgres, models });
});
afterAll(async () => {
  await closeModels();
  await postgres.close();
  await databases.drop();
});

const scopesOf = async (entity_type: string, entity_id: string) =>
  (await scopes.of({ entity_type, entity_id })).sort();

it.each([
  ['organisations', '2', ['organisation:2']],
  ['projects', '3', ['organisation:1', 'project:3']],
  ['assets', '5', ['organisation:1', 'project:5']],
  ['inspections', '1', ['organisation:2', 'project:2']],
  // Its contract's contractor sees it too.
  ['work_orders', '1', ['organisation:1', 'organisation:4', 'project:1']],
  ['site.zones', '["3","north \\"A\\""]', ['organisation:1', 'project:3']],
  ['site.sensors', '6f0c1a4e-9b1d-4c53-8f5a-0b7a3d1f2e90', ['organisation:1', 'project:3']],
  ['site.readings', '["6f0c1a4e-9b1d-4c53-8f5a-0b7a3d1f2e90","2026-02-03"]', ['organisation:1', 'project:3']],
  ['left_hand', '1', ['organisation:1', 'project:5']],
])('of %s %s are those along its foreign keys', async (type, id, expected) => {
  expect(await scopesOf(type, id)).toEqual(expected);
});

it.each([
  ['loose', '1'],
  ['projects', '99999'],
  ['projects', "1' or true --"],
  ['projects', '99999999999999999999'],
  ['site.sensors', '7f0c1a4e-9b1d-4c53-8f5a-0b7a3d1f2e90'],
  ['site.zones', '3'],
  ['site.zones', '["3"]'],
  ['nowhere', '1'],
  ['infratraq.users', 'u-1'],
  ['pg_catalog.pg_class', '1259'],
])('are none for %s %s', async (type, id) => expect(await scopesOf(type, id)).toEqual([]));

it('follow a row that moves, and remain what they were for one that is deleted', async () => {
  await postgres.pool.query('update assets set project_id = 4 where asset_id = 119');
  expect(await scopesOf('assets', '119')).toEqual(['organisation:2', 'project:4']);
  await models.of(EntityChangelog).collection.insertOne({
    entity_type: 'assets',
    entity_id: '9001',
    operation: 'DELETE',
    old_value: { asset_id: 9001, project_id: 2 },
    changed_at: new Date(),
  });
  expect(await scopesOf('assets', '9001')).toEqual(['organisation:2', 'project:2']);
});

it('follow the schema and what operators declare', async () => {
  await postgres.pool.query('alter table loose add column project_id integer references projects');
  await postgres.pool.query('update loose set project_id = 1');
  await eventually(
    () => scopesOf('loose', '1'),
    (found) => found.length === 2,
  );
  await postgres.pool.query('alter table loose rename to tight');
  expect(await scopesOf('loose', '1')).toEqual([]);
  await postgres.pool.query(`insert into infratraq.scope_rules (entity_type, rule, "references") values
    ('tight', 'open', null), ('assets', 'operators', null), ('work_orders', 'references',
     '[{"to": "projects", "columns": ["project_id"], "references": ["project_id"]}]')`);
  await eventually(
    () => scopesOf('tight', '1'),
    (found) => found[0] === '*',
  );
  expect(await scopesOf('assets', '5')).toEqual([]);
  expect(await scopesOf('work_orders', '1')).toEqual(['organisation:1', 'project:1']);
  const coverage = await reportAccessCoverage(postgres);
  expect(coverage).toEqual(
    expect.arrayContaining([
      { entity_type: 'tight', state: 'open', paths: [], declared: true },
      { entity_type: 'assets', state: 'none', paths: [], declared: true },
      {
        entity_type: 'projects',
        state: 'scoped',
        paths: ['projects', 'projects.client_id → organisations'],
        declared: false,
      },
    ]),
  );
  expect(coverage.map(({ entity_type }) => entity_type)).not.toContain('site.readings_2026');
});

it('tell which entities depend on a row', async () => {
  const below = [];
  for await (const page of scopes.below({ entity_type: 'projects', entity_id: '3' })) below.push(...page);
  expect(below).toContainEqual({ entity_type: 'site.zones', entity_id: '["3","inner"]' });
  expect(below).toContainEqual({ entity_type: 'contracts', entity_id: '3' });
  expect(below).not.toContainEqual({ entity_type: 'contracts', entity_id: '4' });
});
