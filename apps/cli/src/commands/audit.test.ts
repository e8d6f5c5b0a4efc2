import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import {
  captureSlotOf,
  createCapture,
  createMongoChangeSink,
  prepareCapture,
  removeCapture,
} from '@infratraq/capture';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { connectMongo, type Mongo } from '@infratraq/mongo';
import { connectPostgres, migrate, type Postgres } from '@infratraq/postgres';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProgram } from '../program.js';

let databases: TestDatabases;
let postgres: Postgres;
let mongo: Mongo;
let folder: string;
const opened = new AsyncDisposableStack();

/** Answers what a command prints. */
async function run(...words: string[]): Promise<string> {
  const printed: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation((text) => printed.push(String(text)) > 0),
  );
  try {
    const source = { MONGODB_URI: databases.mongodbUri, POSTGRES_URL: databases.postgresUrl };
    await createProgram({ ...source, DATA_DIR: folder }).parseAsync(['audit', ...words], { from: 'user' });
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return printed.join('');
}

const changes = () =>
  mongo.connection.collection('entity_changelog').find({ entity_type: 'parcels' }).toArray();

/** Runs SQL and resolves once capture has brought its change of a parcel. */
async function change(text: string): Promise<void> {
  const { length } = await changes();
  await postgres.pool.query(text);
  while ((await changes()).length === length) await new Promise(setImmediate);
}

beforeAll(async () => {
  databases = await createTestDatabases();
  opened.defer(() => databases.drop());
  folder = await mkdtemp(join(tmpdir(), 'infratraq-audit-'));
  opened.defer(() => rm(folder, { recursive: true }));
  postgres = await connectPostgres({ url: databases.postgresUrl });
  opened.defer(() => postgres.close());
  await migrate(postgres);
  const names = { slot: captureSlotOf(databases.postgresUrl) };
  opened.defer(() => removeCapture(postgres, names));
  mongo = await connectMongo({ uri: databases.mongodbUri });
  opened.defer(() => mongo.close());
  await postgres.pool.query('create table parcels (parcel_id int primary key, owner text, area numeric)');
  await prepareCapture(postgres, names);
  const capture = createCapture({
    ...names,
    postgresUrl: databases.postgresUrl,
    sink: createMongoChangeSink(mongo.connection),
  });
  opened.defer(() => capture.stop());
  capture.start();
  await change(`insert into parcels values (1, 'Maria Dolores Example', 10.50)`);
  await change(`update parcels set owner = 'Hans Emil Example', area = 11 where parcel_id = 1`);
});
afterAll(() => opened.disposeAsync());

it('declares columns sensitive, lists them and withdraws them', async () => {
  await expect(run('sensitive', 'declare', 'parcels', 'nothing', '--reason', 'x')).rejects.toMatchObject({
    code: 'audit.column-unknown',
  });
  await run('sensitive', 'declare', 'parcels', 'area', '--reason', 'a test', '--masking', 'full');
  expect(await run('sensitive', 'declare', 'parcels', 'owner', '--reason', 'a person')).toMatch(
    /parcels +owner +partial/,
  );
  expect(await run('sensitive')).toMatch(/parcels +area +full[^]*parcels +owner +partial/);
  expect(await run('sensitive', 'withdraw', 'parcels', 'area', '--reason', 'no secret')).toContain(
    'no longer',
  );
  expect(JSON.parse(await run('sensitive', 'list', '--json'))).toMatchObject([{ column_name: 'owner' }]);
});

it("shows a row's history, a field's, and the row as it was, with sensitive values masked", async () => {
  expect(await run('history', 'parcels', '1')).toMatch(/UPDATE +owner,area[^]*INSERT/);
  expect(await run('history', 'parcels', '1', '--field', 'area')).toMatch(
    /UPDATE +10\.50 +11 [^]*INSERT +- +10\.50/,
  );
  const printed = [
    await run('history', 'parcels', '1', '--field', 'owner'),
    await run('history', 'parcels', '1', '--json'),
    await run('history', 'parcels', '1', '--at', new Date().toISOString()),
  ];
  for (const text of printed) expect(text).toMatch(/^(?!.*(Emil|Dolores))/s);
  expect(printed[2]).toMatch(/owner +Ha•• •••• •••mple/);
  await expect(run('history', 'parcels', '1', '--at', 'noon')).rejects.toThrow('no time');
});

it('shows how a row would be restored, and restores it by that plan alone', async () => {
  const [first] = await changes();
  const words = ['restore', 'parcels', '1', '--at', first!['changed_at'].toISOString()];
  const shown = await run(...words);
  expect(shown).toMatch(/area +11 +10\.50[^]*newer-change[^]*update "public"\."parcels" set/);
  expect(shown).not.toMatch(/Emil|Dolores/);
  const plan = /--apply ([0-9a-f]{64})/.exec(shown)![1]!;
  await expect(run(...words, '--apply', plan)).rejects.toThrow('--reason');
  const { length } = await changes();
  const answer = await run(...words, '--apply', plan, '--reason', 'wrong parcel', '--as', 'u-surveyor-1');
  expect(answer).toContain('restored');
  const { rows } = await postgres.pool.query('select owner, area from parcels');
  expect(rows).toEqual([{ owner: 'Maria Dolores Example', area: '10.50' }]);
  while ((await changes()).length === length) await new Promise(setImmediate);
  expect((await changes()).at(-1)).toMatchObject({ changed_by: 'u-surveyor-1', reason: 'wrong parcel' });
  await expect(run(...words, '--apply', plan, '--reason', 'again')).rejects.toMatchObject({
    code: 'audit.plan-stale',
  });
  expect(await run(...words)).toContain('nothing to restore');
});
