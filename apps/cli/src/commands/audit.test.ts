import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { AuditSealer, EntityChangelog, findRefusedChanges } from '@infratraq/audit';
import { bindModels } from '@infratraq/mongo';
import { createAuditSealRepository } from '@infratraq/audit/postgres';
import { eventually } from '@infratraq/engines';
import { openCommandBench, type CommandBench } from '../testing/open-command-bench.js';

let bench: CommandBench;

const run = (...words: string[]) => bench.run('audit', ...words);
const changes = () =>
  bench.mongo.connection.collection('entity_changelog').find({ entity_type: 'parcels' }).toArray();

/** Runs SQL and resolves once capture has brought its change of a parcel. */
async function change(text: string): Promise<void> {
  const { length } = await changes();
  await bench.query(text);
  await eventually(changes, (now) => now.length > length);
}

beforeAll(async () => {
  bench = await openCommandBench();
  await bench.query('create table parcels (parcel_id int primary key, owner text, area numeric)');
  await bench.run('capture', 'prepare');
  await bench.startCapture();
  await change(`insert into parcels values (1, 'Maria Dolores Example', 10.50)`);
  await change(`update parcels set owner = 'Hans Emil Example', area = 11 where parcel_id = 1`);
});
afterAll(() => bench.close());

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
  const { rows } = await bench.query('select owner, area from parcels');
  expect(rows).toEqual([{ owner: 'Maria Dolores Example', area: '10.50' }]);
  await eventually(changes, (now) => now.length > length);
  expect((await changes()).at(-1)).toMatchObject({ changed_by: 'u-surveyor-1', reason: 'wrong parcel' });
  await expect(run(...words, '--apply', plan, '--reason', 'again')).rejects.toMatchObject({
    code: 'audit.plan-stale',
  });
  expect(await run(...words)).toContain('nothing to restore');
});

it('proves a change with sensitive values only when they are asked for, and records who did', async () => {
  const { postgres, mongo } = bench;
  const [first] = await changes();
  const change = String(first!._id);
  const sealer = new AuditSealer({
    models: bindModels(mongo.connection, [EntityChangelog]),
    keeper: createAuditSealRepository(postgres),
    refused: findRefusedChanges(postgres),
  });
  // Sealed is what capture has confirmed, which it remembers a little later.
  await eventually(
    () => sealer.seal(),
    (seals) => seals.length > 0,
  );
  await expect(run('prove', change)).rejects.toMatchObject({ code: 'audit.sensitive-content' });
  const proof = await run('prove', change, '--unmasked', '--reason', 'case 7', '--as', 'u-auditor-1');
  expect(JSON.parse(proof)).toMatchObject({ change_id: change, content: expect.stringContaining('Dolores') });
  expect(await mongo.connection.collection('field_audit_log').find().toArray()).toMatchObject([
    { operation: 'READ', change_id: change, changed_by: 'u-auditor-1', reason: 'case 7' },
  ]);
});
