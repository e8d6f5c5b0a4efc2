import { createTestDatabases, eventually } from '@infratraq/engines';
import { expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { readCompose, readImageEnvironment, type ComposeService } from './testing/read-compose.js';
import { signToken, testSecret } from './testing/sign-token.js';
import { startServerProcess, type ServerProcess } from './testing/start-server-process.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const fromSource = ['-C', '@infratraq/source', '--import', join(root, 'tools/swc-hooks.mjs')];

const variables = {
  AUTH_SECRET: testSecret,
  POSTGRES_PASSWORD: 'pg0',
  POSTGRES_ADMIN_PASSWORD: 'postgres0',
  MONGODB_PASSWORD: 'mongo0',
  MONGODB_ADMIN_PASSWORD: 'admin0',
};

it('the compose file keeps data in volumes, restarts, shows nothing but the server, and that to this machine', async () => {
  const { services, volumes } = await readCompose(variables);
  const image = await readImageEnvironment();
  const { mongodb, postgresql, server } = services;
  for (const [name, { volumes: mounted = [], restart, command = [] }] of Object.entries(services)) {
    if (command.includes('prepare')) continue;
    expect([name, restart]).toEqual([name, 'unless-stopped']);
    expect(Object.keys(volumes)).toEqual(expect.arrayContaining(mounted.map((one) => one.split(':')[0])));
  }
  expect(server?.volumes).toEqual([`data:${image['DATA_DIR']}`]);
  expect(server?.ports).toEqual([`127.0.0.1:3000:${image['PORT']}`]);
  expect([mongodb?.ports, postgresql?.ports]).toEqual([undefined, undefined]);
  // With a key file, MongoDB takes nobody without a password; the server is not its administrator.
  expect(mongodb?.command).toContain('--keyFile');
  const { username, password } = new URL(server!.environment['MONGODB_URI']!);
  expect([username, password]).toEqual(['infratraq', variables.MONGODB_PASSWORD]);
  expect(mongodb?.environment['MONGO_INITDB_ROOT_USERNAME']).not.toBe(username);
});

it.each([
  'AUTH_SECRET',
  'POSTGRES_PASSWORD',
  'POSTGRES_ADMIN_PASSWORD',
  'MONGODB_PASSWORD',
  'MONGODB_ADMIN_PASSWORD',
])('the compose file has no stand-in for %s', async (name) => {
  const { [name as keyof typeof variables]: _left, ...others } = variables;
  await expect(readCompose(others)).rejects.toThrow(name);
});

it('docker compose takes the file', async () => {
  const compose = (...words: string[]) =>
    run('docker', ['compose', ...words], { env: { PATH: process.env['PATH'], ...variables }, cwd: root });
  const lack = await compose('version').then(
    () => undefined,
    (error: Error) => error.message,
  );
  if (lack !== undefined) console.warn(`docker compose is not here to check the file: ${lack}`);
  else await compose('-f', 'deploy/compose.yaml', 'config', '--quiet');
});

it('the server runs as the roles of the compose file, and keeps what is in its data folder', async () => {
  const { services, configs } = await readCompose(variables);
  const { server: described, prepare } = services as Record<'server' | 'prepare', ComposeService>;
  const { username: role, password } = new URL(described.environment['POSTGRES_URL']!);
  expect(new URL(prepare.environment['POSTGRES_URL']!).username).not.toBe(role);
  expect(described.depends_on?.['prepare']?.condition).toBe('service_completed_successfully');
  const databases = await createTestDatabases();
  const folder = await mkdtemp(join(tmpdir(), 'infratraq-compose-'));
  const admin = new pg.Client({ connectionString: databases.postgresUrl });
  await admin.connect();
  await admin.query(`drop role if exists ${role}`);
  const [makeRole = ''] = /^create role .*;$/m.exec(configs['postgresql-role']!.content) ?? [];
  await admin.query(makeRole.replace(`:'password'`, `'${password}'`));
  const postgresUrl = Object.assign(new URL(databases.postgresUrl), { username: role, password }).href;
  const environment = {
    ...(await readImageEnvironment()),
    ...described.environment,
    // Addresses of this machine in the place of the containers'.
    PORT: '0',
    MONGODB_URI: databases.mongodbUri,
    POSTGRES_URL: postgresUrl,
    DATA_DIR: folder,
  };
  const [program, path, ...words] = prepare.command as [string, string, ...string[]];
  expect(program).toBe('node');
  const prepared = () =>
    run(
      process.execPath,
      [...fromSource, join(root, path.replace('/dist/main.js', '/src/main.ts')), ...words],
      {
        env: { PATH: process.env['PATH'], ...prepare.environment, POSTGRES_URL: databases.postgresUrl },
      },
    );
  let server: ServerProcess | undefined;
  try {
    // Without preparation it says what to do.
    const refused = await run(process.execPath, [...fromSource, join(root, 'apps/server/src/main.ts')], {
      env: { PATH: process.env['PATH'], ...environment },
    }).catch((error: { stderr: string; stdout: string }) => error);
    expect(`${refused.stderr}${refused.stdout}`).toContain(`infratraq capture prepare --role ${role}`);

    await prepared();
    // As every start of the containers does.
    await prepared();
    await admin.query(
      `create table pylons (id int primary key, height int); insert into pylons values (1, 20)`,
    );
    server = await startServerProcess(environment);
    const { rows } = await admin.query(
      'select rolsuper, rolcreaterole, rolcreatedb from pg_roles where rolname = $1',
      [role],
    );
    expect(rows).toEqual([{ rolsuper: false, rolcreaterole: false, rolcreatedb: false }]);
    await admin.query('update pylons set height = 30');
    await expectChange({ height: 30 });

    const headers = { authorization: `Bearer ${await signToken('u-manager-1', ['member', 'admin'])}` };
    const place = '/api/v1/entities/projects/1/attachments';
    const body = new FormData();
    body.set('file', new Blob(['plan']), 'plan.txt');
    const stored = await fetch(new URL(place, server.url), { method: 'POST', headers, body });
    expect(stored.status).toBe(201);
    const { file_id } = (await stored.json()) as { file_id: string };
    const made = await fetch(new URL('/api/v1/auth/dev-token', server.url), { method: 'POST' });
    expect(made.status).toBe(404);
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
    await admin.query('update pylons set height = 40');
    server = await startServerProcess(environment);
    const content = await eventually(
      () => fetch(new URL(`${place}/${file_id}/content`, server!.url), { headers }),
      ({ status }) => status === 200,
    );
    expect(await content.text()).toBe('plan');
    await expectChange({ height: 40 });
  } finally {
    await server?.kill();
    await admin.query(`select pg_drop_replication_slot(slot_name) from pg_replication_slots
      where database = current_database() and not active`);
    await admin.query(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`);
    await admin.end();
    await databases.drop();
    await rm(folder, { recursive: true });
  }

  async function expectChange(row: object): Promise<void> {
    const headers = { authorization: `Bearer ${await signToken('u-admin', ['admin'])}` };
    const url = new URL('/api/v1/audit/changes?entity_type=pylons&entity_id=1', server!.url);
    await eventually(
      async () =>
        ((await (await fetch(url, { headers })).json()) as { items: { new_value?: object }[] }).items,
      (items) =>
        items.some(({ new_value }) => JSON.stringify(new_value)?.includes(JSON.stringify(row).slice(1, -1))),
      { withinMilliseconds: 30_000 },
    );
  }
}, 180_000);
