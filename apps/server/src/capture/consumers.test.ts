import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CachedReports, DashboardSnapshot, defineReport, FigureWriter, ReportCache } from '@infratraq/caches';
import { excludeTable, includeTable } from '@infratraq/capture';
import { bindModels } from '@infratraq/mongo';
import { z } from 'zod';
import { eventually } from '@infratraq/engines';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

let server: TestServer;
let call: Awaited<ReturnType<TestServer['as']>>;

beforeAll(async () => {
  server = await openTestServer();
  call = await server.as('u-engineer-1', 'member');
});
afterAll(() => server.close());

const findEntries = (filter: object) => server.mongodbDocuments('search_index_cache', filter);
const query = (text: string) => server.postgres.pool.query(text);

it('keeps instant search in step with rows that come, change their name or key, and go', async () => {
  await query(`insert into organisations (organisation_id, name, kind, country_code)
    values (9001, 'Elbtunnel Consortium', 'contractor', 'DE'), (9002, 'Rhine Bridges', 'client', 'DE')`);
  await query(`update organisations set name = 'Weser Tunnel Consortium' where organisation_id = 9001`);
  await query(`update organisations set organisation_id = 9003 where organisation_id = 9002`);
  const ids = { entity_type: 'organisations', entity_id: { $in: ['9001', '9002', '9003'] } };
  // Under its new key a row is found before it is gone under the old one.
  const entries = await eventually(
    () => findEntries(ids),
    (found) => found.length === 2 && found.some((entry) => entry['entity_id'] === '9003'),
  );
  expect(entries.map(({ entity_id, title }) => [entity_id, title]).sort()).toEqual([
    ['9001', 'Weser Tunnel Consortium'],
    ['9003', 'Rhine Bridges'],
  ]);
  const found = await call<{ items: { entity_id: string }[] }>('GET', '/search/suggest?q=weser');
  expect(JSON.stringify(found.body)).toContain('9001');
  await query('delete from organisations where organisation_id in (9001, 9003)');
  await eventually(
    () => findEntries(ids),
    (left) => left.length === 0,
  );
});

it('finds no row any more that went while its table was left out of capture, and those that came', async () => {
  const { rows: slots } = await query(
    'select slot_name as slot from infratraq.capture_position where ended_at is null',
  );
  const names = { slot: String(slots[0].slot) };
  const ids = { entity_type: 'organisations', entity_id: { $in: ['9051', '9052'] } };
  await query(`insert into organisations (organisation_id, name, kind, country_code)
    values (9051, 'Havel Locks', 'client', 'DE')`);
  await eventually(
    () => findEntries(ids),
    (found) => found.length === 1,
  );
  await excludeTable(server.postgres, { table: 'organisations', reason: 'for a while' }, names);
  await query(`delete from organisations where organisation_id = 9051;
    insert into organisations (organisation_id, name, kind, country_code) values (9052, 'Spree Locks', 'client', 'DE')`);
  await includeTable(server.postgres, 'organisations', names);
  await eventually(
    () => findEntries(ids),
    ([entry, ...more]) => more.length === 0 && entry?.['entity_id'] === '9052',
  );
});

it('forgets a report once a row that it was computed from has changed', async () => {
  const run = () => call<{ cache: string }>('POST', '/reports/project_costs', { params: {} });
  // The demonstration's own rows are still on their way at first.
  await eventually(run, ({ body }) => body.cache === 'hit');
  await query(`update projects set budget_amount = budget_amount + 1 where project_id = 1`);
  await eventually(
    () => server.mongodbDocuments('report_cache', { source_entity_types: 'projects' }),
    (cached) => cached.length === 0,
  );
});

it('keeps no report that was computed from rows that changed meanwhile, and marks figures of them as stale', async () => {
  const models = bindModels(server.mongo, [ReportCache, DashboardSnapshot]);
  const readName = async () =>
    (await server.postgres.pool.query('select name from assets_of_race where asset_id = 1')).rows[0].name;
  await query('create table assets_of_race (asset_id int primary key, name text)');
  await query(`insert into assets_of_race values (1, 'old')`);
  const claimed = () => models.of(ReportCache).countDocuments({ source_entity_types: 'assets_of_race' });
  let isFirst = true;
  const report = defineReport({
    type: 'race',
    title: 'A row that changes while it is read',
    parameters: z.strictObject({}),
    freshnessSeconds: 3_600,
    sourceEntityTypes: ['assets_of_race'],
    generate: async () => {
      const name: string = await readName();
      if (isFirst) {
        await query(`update assets_of_race set name = 'new'`);
        // The consumer has passed once it has taken the claim away.
        await eventually(claimed, (claims) => claims === 0);
      }
      isFirst = false;
      return { name };
    },
  });
  const tile = { dashboard_id: 'race', scope: 'all', tiles: [], computation_ms: 1, computed_at: new Date() };
  await new FigureWriter({ models }).storeSnapshot(['assets_of_race'], async () => tile);
  const reports = new CachedReports({ models, reports: [report] });
  expect(await reports.run('race', {})).toMatchObject({ output: { name: 'old' } });
  expect(await reports.run('race', {})).toMatchObject({ cache: 'miss', output: { name: 'new' } });
  await eventually(
    () => call<{ stale_since?: string }>('GET', '/dashboards/race/snapshot'),
    ({ body }) => body.stale_since !== undefined,
  );
});

it('keeps a row that search cannot take as a dead letter, and goes on with the next', async () => {
  await query(`insert into organisations (organisation_id, name, kind, country_code)
    values (9101, '', 'client', 'DE'), (9102, 'After the nameless', 'client', 'DE')`);
  const [letter] = await eventually(
    () => server.mongodbDocuments('dead_letter_event', { target: 'consumer:search-index' }),
    (letters) => letters.length > 0,
  );
  expect(letter).toMatchObject({
    origin: 'capture',
    entity_type: 'organisations',
    entity_id: '9101',
    state: 'open',
    replayable: true,
    attempts: 1,
    reason: { code: 'capture.change-rejected' },
  });
  await eventually(
    () => findEntries({ entity_type: 'organisations', entity_id: '9102' }),
    (entries) => entries.length === 1,
  );
});
