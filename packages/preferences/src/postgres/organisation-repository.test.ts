import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases } from '@infratraq/engines';
import { openPostgres, type Postgres } from '@infratraq/postgres';
import { createOrganisationRepository, preferenceMigrations } from './index.js';

let databases: Awaited<ReturnType<typeof createTestDatabases>>;
let postgres: Postgres;
const organisations = () => createOrganisationRepository(postgres);

beforeAll(async () => {
  databases = await createTestDatabases({ postgres: true });
  ({ postgres } = await openPostgres(databases, [preferenceMigrations]));
  await postgres.pool.query(`insert into infratraq.organisations values ('water', 'Regional Water Board')`);
  await postgres.pool.query(`
    insert into infratraq.users (user_id, display_name, organisation_id)
    values ('u-1', 'Drainage engineer', 'water'), ('u-2', 'Guest', null)`);
});
afterAll(async () => {
  await postgres.close();
  await databases.drop();
});

it('knows who belongs to which organisation', async () => {
  const found = await organisations().organisationsOf(['u-1', 'u-2', 'nobody']);
  expect([...found]).toEqual([['u-1', 'water']]);
});

it('keeps the settings of an organisation, and lets one of many writers of a version pass', async () => {
  expect(await organisations().findSettings('nowhere')).toBeUndefined();
  expect(await organisations().findSettings('water')).toMatchObject({ version: 0, settings: {} });
  for (const expected of [0, 1]) {
    const locales = ['de', 'en', 'fr', 'nl'];
    const written = await Promise.all(
      locales.map((locale) =>
        organisations().writeSettings('water', { schema_version: 2, settings: { locale } }, expected),
      ),
    );
    expect(written.filter(Boolean)).toHaveLength(1);
    expect(await organisations().findSettings('water')).toEqual({
      version: expected + 1,
      schema_version: 2,
      settings: { locale: locales[written.indexOf(true)] },
    });
  }
});
