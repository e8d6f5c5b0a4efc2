import { createTestDatabases, eventually } from '@infratraq/engines';
import { expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCompose, readImageEnvironment } from './testing/read-compose.js';
import { signToken, testSecret } from './testing/sign-token.js';
import { startServerProcess } from './testing/start-server-process.js';

const variables = {
  AUTH_SECRET: testSecret,
  POSTGRES_PASSWORD: 'pg0',
  MONGODB_PASSWORD: 'mongo0',
  MONGODB_ADMIN_PASSWORD: 'admin0',
};

it('the compose file keeps data in volumes, restarts, shows nothing but the server, and that to this machine', async () => {
  const { services, volumes } = await readCompose(variables);
  const image = await readImageEnvironment();
  const { mongodb, postgresql, server } = services;
  for (const [name, { volumes: mounted, restart }] of Object.entries(services)) {
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

it.each(['AUTH_SECRET', 'POSTGRES_PASSWORD', 'MONGODB_PASSWORD', 'MONGODB_ADMIN_PASSWORD'])(
  'the compose file has no stand-in for %s',
  async (name) => {
    const { [name as keyof typeof variables]: _left, ...others } = variables;
    await expect(readCompose(others)).rejects.toThrow(name);
  },
);

it('the server starts with the settings of the compose file, and keeps what is in its data folder', async () => {
  const { services } = await readCompose(variables);
  const databases = await createTestDatabases();
  const folder = await mkdtemp(join(tmpdir(), 'infratraq-compose-'));
  const environment = {
    ...(await readImageEnvironment()),
    ...services['server']!.environment,
    // Addresses of this machine in the place of the containers'.
    PORT: '0',
    MONGODB_URI: databases.mongodbUri,
    POSTGRES_URL: databases.postgresUrl,
    DATA_DIR: folder,
  };
  let server = await startServerProcess(environment);
  try {
    const headers = { authorization: `Bearer ${await signToken('u-manager-1', ['member'])}` };
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
    server = await startServerProcess(environment);
    const content = await eventually(
      () => fetch(new URL(`${place}/${file_id}/content`, server.url), { headers }),
      ({ status }) => status === 200,
    );
    expect(await content.text()).toBe('plan');
  } finally {
    await server.kill();
    await databases.drop();
    await rm(folder, { recursive: true });
  }
}, 60_000);
