import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { SensitiveFieldKeeper } from '@infratraq/audit';
import { createSensitiveFieldRepository } from '@infratraq/audit/postgres';
import type { Change } from '@infratraq/capture';
import { eventually } from '@infratraq/engines';
import { withholdSensitive } from '../capture/withhold-sensitive.js';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';
import { nameColumn } from './hidden-columns.js';

/** Stands in every sensitive value. */
const marker = 'zq4711hx';

let server: TestServer;
let fields: SensitiveFieldKeeper;
let auditor: Awaited<ReturnType<TestServer['as']>>;

const query = (text: string) => server.postgres.pool.query(text);
const listHidden = async () =>
  new Set((await fields.list()).map(({ table_name, column_name }) => nameColumn(table_name, column_name)));
const listChanges = (entity_type: string) => server.mongodbDocuments('entity_changelog', { entity_type });

/** What a consumer that masks nothing itself is given of the changes of a table. */
async function consume(entityType: string): Promise<string> {
  const seen: Change[] = [];
  const consumer = { name: 'test', handle: async (changes: readonly Change[]) => void seen.push(...changes) };
  const changes = await listChanges(entityType);
  await withholdSensitive(consumer, listHidden).handle(changes as never, undefined as never);
  return JSON.stringify(seen);
}

const encode = (name: string) => encodeURIComponent(name);
const readAll = async (entityType: string, column: string) => {
  const paths = [
    `/audit/changes?entity_type=${encode(entityType)}`,
    `/audit/entities/${encode(entityType)}/1`,
    `/audit/entities/${encode(entityType)}/1?at=${encode(new Date().toISOString())}`,
    `/audit/entities/${encode(entityType)}/1/fields/${encode(column)}`,
  ];
  return Promise.all(paths.map(async (path) => ({ path, ...(await auditor('GET', path)) })));
};

/** Every name that the column had is masked for readers, withheld from consumers, and its changes are recorded. */
async function expectMasked(names: readonly (readonly [entityType: string, column: string])[]) {
  for (const [entityType, column] of names) {
    const recorded = await eventually(
      () => server.mongodbDocuments('field_audit_log', { entity_type: entityType, field: column }),
      (found) => found.length > 0,
    );
    expect(JSON.stringify(recorded)).not.toContain(marker);
    expect(JSON.stringify(await listChanges(entityType))).toContain(marker);
    const given = await consume(entityType);
    expect({ entityType, given, holds: given.includes(marker) }).toMatchObject({ holds: false });
    for (const { path, body } of await readAll(entityType, column))
      expect({ path, body: JSON.stringify(body) }).toEqual({
        path,
        body: expect.not.stringContaining(marker),
      });
  }
}

const declareFilled = async (table: string, column = 'iban') => {
  await query(`create table ${table} (id int primary key, ${column} text, name text)`);
  await fields.declare({ table, column, masking: 'digest', reason: 'bank details' });
  await query(`insert into ${table} values (1, '${marker} first', 'Kerb')`);
};

beforeAll(async () => {
  server = await openTestServer();
  fields = createSensitiveFieldRepository(server.postgres);
  auditor = await server.as('u-auditor-1', 'auditor');
});
afterAll(() => server.close());

it('masks a renamed column from the transaction that renames it on, and says what it follows', async () => {
  await declareFilled('payees');
  await query(`begin; alter table payees rename iban to account;
    update payees set account = '${marker} second'; commit`);
  await expectMasked([
    ['payees', 'iban'],
    ['payees', 'account'],
  ]);
  expect((await fields.list()).find(({ column_name }) => column_name === 'account')).toMatchObject({
    table_name: 'payees',
    masking: 'digest',
    reason: expect.stringMatching(/^Follows payees\.iban, renamed by \w+ at 20\S+: bank details$/),
  });
});

it('masks the names in between, too', async () => {
  await declareFilled('grants', 'a');
  await query(`alter table grants rename a to b; update grants set b = '${marker} second';
    alter table grants rename b to c; update grants set c = '${marker} third'`);
  await expectMasked([
    ['grants', 'a'],
    ['grants', 'b'],
    ['grants', 'c'],
  ]);
});

it('masks the columns of a table that is renamed or moved to another schema, or whose schema is renamed', async () => {
  await declareFilled('wages');
  await query(
    `begin; alter table wages rename to "pay.roll"; update "pay.roll" set iban = '${marker} 2'; commit`,
  );
  await query(`create schema people; begin; alter table "pay.roll" set schema people;
    update people."pay.roll" set iban = '${marker} 3'; commit`);
  await query(`begin; alter schema people rename to staff; update staff."pay.roll" set iban = '${marker} 4';
    commit`);
  await expectMasked([
    ['wages', 'iban'],
    ['"pay.roll"', 'iban'],
    ['people."pay.roll"', 'iban'],
    ['staff."pay.roll"', 'iban'],
  ]);
});

it('masks both tables that swap their names, and hides all where they were masked otherwise', async () => {
  await declareFilled('prices');
  await query(`create table prices_new (id int primary key, iban text, name text);
    insert into prices_new values (1, '${marker} new', 'Kerb')`);
  await query(`begin; alter table prices rename to prices_old; alter table prices_new rename to prices;
    alter table prices_old rename to prices_new; update prices_new set iban = '${marker} 2';
    update prices set iban = '${marker} 3'; commit`);
  await expectMasked([
    ['prices', 'iban'],
    ['prices_new', 'iban'],
  ]);
  await fields.declare({ table: 'prices', column: 'iban', masking: 'partial', reason: 'known' });
  await query(
    `alter table prices rename to t; alter table prices_new rename to prices; alter table t rename to prices_new`,
  );
  const masking = (await fields.list()).filter(({ table_name }) => table_name.startsWith('prices'));
  expect(masking.find(({ table_name }) => table_name === 'prices')).toMatchObject({ masking: 'full' });
});

it('masks what becomes a partition or ceases to be one', async () => {
  await query(`create table loans (id int primary key, iban text, name text) partition by range (id);
    create table loans_1 partition of loans for values from (0) to (10)`);
  await fields.declare({ table: 'loans', column: 'iban', reason: 'bank details' });
  await query(`insert into loans values (1, '${marker} first', 'Kerb')`);
  await query(
    `begin; alter table loans detach partition loans_1; update loans_1 set iban = '${marker} 2'; commit`,
  );
  await declareFilled('leases');
  await query(`create table all_leases (id int primary key, iban text, name text) partition by range (id);
    begin; alter table all_leases attach partition leases for values from (0) to (10);
    update all_leases set iban = '${marker} 3'; commit`);
  await expectMasked([
    ['loans', 'iban'],
    ['loans_1', 'iban'],
    ['leases', 'iban'],
    ['all_leases', 'iban'],
  ]);
});

it('does not follow a column that is dropped and made anew, nor what others are called', async () => {
  await declareFilled('clubs');
  await query(`alter table clubs drop iban; alter table clubs add account text default '${marker} open';
    alter table clubs rename name to title; update clubs set title = 'Kerb and Son'`);
  const declared = (await fields.list()).filter(({ table_name }) => table_name === 'clubs');
  expect(declared.map(({ column_name }) => column_name)).toEqual(['iban']);
});

it('masks the value that rows have in a sensitive column which is added', async () => {
  await declareFilled('sites');
  await query(`alter table sites drop iban; alter table sites add iban text default '${marker} added'`);
  const alteration = await eventually(
    async () => JSON.stringify(await listChanges('sites')),
    (text) => text.includes(`${marker} added`),
  );
  expect(alteration).toContain('ALTER');
  await expectMasked([['sites', 'iban']]);
});
