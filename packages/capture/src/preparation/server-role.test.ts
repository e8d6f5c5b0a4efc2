import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectPostgres, migrate, openJobs, type Postgres } from '@infratraq/postgres';
import {
  excludeTable,
  planCapture,
  prepareCapture,
  requireServerRights,
  runSnapshot,
  type Capture,
} from '../index.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';
import { digestSql, preparedDigest } from './server-role.js';

const role = `server_${crypto.randomUUID().slice(0, 8)}`;
let bench: CaptureBench;
let url: string;
let server: Postgres;
let capture: Capture | undefined;

beforeAll(async () => {
  bench = await openCaptureBench();
  await bench.query(`create role ${role} login password 'server'`);
  url = Object.assign(new URL(bench.postgresUrl), { username: role, password: 'server' }).href;
  server = await connectPostgres({ url });
});
afterAll(async () => {
  await capture?.stop();
  await server.close();
  await bench.query(`reassign owned by ${role} to postgres; drop owned by ${role}; drop role ${role}`);
  await bench.close();
});

const prepare = (more: object = {}) => prepareCapture(bench.postgres, { ...bench.names, role, ...more });

describe('a role without the rights of a superuser', () => {
  it('is told everything that it lacks, and the command that grants it', async () => {
    const refusal = await requireServerRights(server, bench.names).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: 'capture.not-prepared',
      message: expect.stringContaining(`infratraq capture prepare --role ${role}`),
    });
    for (const lack of [
      'replicate',
      'in schema infratraq',
      'capture_position',
      'capture_tell_user',
      'pgboss',
    ])
      expect((refusal as Error).message).toContain(lack);
    await expect(prepareCapture(server, bench.names)).rejects.toMatchObject({ code: 'capture.not-prepared' });
  });

  it('serves once a superuser has prepared for it: migrates, opens jobs, captures and reads tables', async () => {
    await bench.query(
      'create table levels (id int primary key, height int); insert into levels values (1, 5)',
    );
    await prepare();
    await requireServerRights(server, bench.names);
    await prepareCapture(server, bench.names);
    await migrate(server, [{ owner: 'own', steps: [{ name: 'one', up: async () => undefined }] }]);
    const jobs = await openJobs({ postgres: server, queues: [] });
    await jobs.close();
    capture = await bench.startCapture({ postgresUrl: url });
    await bench.query('insert into levels values (2, 7); create table later (id int primary key)');
    await bench.query('insert into later values (1)');
    await bench.catchUp(capture);
    expect((await bench.readChanges('levels')).map(({ entity_id }) => entity_id)).toContain('2');
    expect(await bench.readChanges('later')).toHaveLength(1);
    const ran = await runSnapshot({ ...bench.names, postgresUrl: url });
    expect(ran).toBeGreaterThanOrEqual(0);
    await requireServerRights(server, bench.names);
  });

  it('may not choose what is captured, nor change what runs with the rights of the superuser', async () => {
    await expect(
      excludeTable(server, { table: 'levels', reason: 'mine' }, bench.names),
    ).rejects.toMatchObject({ code: 'capture.not-prepared' });
    for (const statement of [
      `create or replace function infratraq.capture_tell_user() returns void language sql as ''`,
      'drop function infratraq.capture_notice_differences()',
      'drop table infratraq.capture_position cascade',
      'alter schema infratraq rename to others',
      'drop event trigger infratraq_capture_tables',
      'update public.levels set height = 0',
      'create role another superuser',
    ])
      await expect(server.pool.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it('is told when functions or event triggers are not those of its version', async () => {
    await bench.query('alter event trigger infratraq_capture_tables disable');
    await expect(requireServerRights(server, bench.names)).rejects.toThrow('of this version');
    await prepare();
    await bench.query(
      'create or replace function infratraq.capture_tell_user() returns void language sql as $$$$',
    );
    await expect(requireServerRights(server, bench.names)).rejects.toThrow('of this version');
    await prepare();
    await bench.query(
      `revoke pg_read_all_data from ${role}; revoke all on infratraq.capture_position from ${role}`,
    );
    await expect(requireServerRights(server, bench.names)).rejects.toThrow('rights on capture_position');
    await bench.query(`grant select, insert, update, delete on infratraq.capture_position to ${role}`);
    await expect(requireServerRights(server, bench.names)).rejects.toThrow(
      /right to read \d table.* public\./,
    );
    await prepare();
    await requireServerRights(server, bench.names);
  });

  it('keeps slots of its own: another one begins without a superuser', async () => {
    const names = { ...bench.names, slot: `${bench.names.slot}_b`.slice(0, 60) };
    const { steps } = await prepareCapture(server, names);
    expect(steps.map(({ kind }) => kind)).toEqual(['slot']);
    expect((await planCapture(server, names)).steps).toEqual([]);
    await server.pool.query('select pg_drop_replication_slot($1)', [names.slot]);
    await server.pool.query(`delete from infratraq.capture_position where slot_name = $1`, [names.slot]);
  });
});

it('a role that is not there is not granted anything', async () => {
  await expect(prepare({ role: 'nobody_here' })).rejects.toMatchObject({ code: 'capture.role-unknown' });
});

it('the digest is that of what is prepared', async () => {
  const [made] = await bench.query(digestSql);
  expect(preparedDigest).toBe(Object.values(made as object)[0]);
});
