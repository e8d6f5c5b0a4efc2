import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChatClient } from '@infratraq/chat-client';
import { createTestDatabases, eventually } from '@infratraq/engines';
import { expectedOutput } from './testing/expected-output.js';
import { makeOutsideProject, type OutsideProject } from './testing/outside-project.js';
import { startApplication } from './testing/start-application.js';
import { readPackages, run } from './testing/pack-packages.js';

const versions = ['22', '24'] as const;
/** Entries that are Fastify plugins. */
const fastifyEntry = /\/(routes|tus|hooks|devices|fastify|request-log|request-metrics)$/;

let project: OutsideProject;
let entries: string[];
beforeAll(async () => {
  project = await makeOutsideProject();
  // The conformance suite can only be imported within jest, which runs it below.
  const packages = (await readPackages()).filter(({ manifest }) => manifest.name !== '@infratraq/testing');
  entries = packages.flatMap(({ manifest }) =>
    Object.keys(manifest.exports).map((entry) => manifest.name + entry.slice(1)),
  );
}, 400_000);
afterAll(() => project.remove());

it('compiles strictly against every package', async () => {
  expect(await project.compile()).toBe('');
}, 200_000);

describe.each(versions)('on Node %s', (version) => {
  it('that is what runs', async () => {
    const printed = await run(project.nodes[version], ['--version'], { cwd: project.folder });
    expect(printed).toMatch(new RegExp(`^v${version}\\.`));
  });

  it.each(Object.entries(expectedOutput))('runs the program of %s', async (name, line) => {
    const databases = await createTestDatabases();
    try {
      const printed = await run(project.nodes[version], [`dist/${name}.js`], {
        cwd: project.folder,
        env: {
          MONGODB_URI: databases.mongodbUri,
          POSTGRES_URL: databases.postgresUrl,
          OBJECTS_URL: pathToFileURL(join(project.folder, 'objects', version)).href,
          NO_COLOR: '1',
        },
      });
      expect(printed).toContain(line);
    } finally {
      await databases.drop();
    }
  });

  it('imports every entry', async () => {
    await importEach(version, entries);
  });
});

it('holds a collection of its own to the conformance suite', async () => {
  const jest = join(project.folder, 'node_modules/jest/bin/jest.js');
  const configuration = JSON.stringify({ testMatch: ['**/dist/**/*.test.js'], transform: {} });
  await run(project.nodes['24'], ['--experimental-vm-modules', jest, '--config', configuration], {
    cwd: project.folder,
    env: { MONGODB_URI: process.env['MONGODB_URI'] ?? '' },
  });
});

it('uses a store of its own', async () => {
  const databases = await createTestDatabases({ postgres: false });
  const printed = await run(project.nodes['22'], ['dist/applications/own-collection/main.js'], {
    cwd: project.folder,
    env: { MONGODB_URI: databases.mongodbUri },
  }).finally(() => databases.drop());
  expect(printed).toContain('u-1: inspection');
});

describe('an application of others', () => {
  it('has chat in Express', async () => {
    const app = await startApplication(project, 'express-chat');
    const as = (user: string) => ({ 'x-session': `session-of-${user}`, 'content-type': 'application/json' });
    const client = new ChatClient(app.url, { token: 'session-of-bob' });
    const heard = new Promise((resolve) => client.on('message:created', ({ body }) => resolve(body)));
    await client.join('site:7');
    const body = JSON.stringify({ client_message_id: 'c-1', body: 'The crane is here' });
    const post = (user: string) =>
      fetch(`${app.url}/sites/7/messages`, { method: 'POST', headers: as(user), body });
    expect((await post('ada')).status).toBe(201);
    expect(await heard).toBe('The crane is here');
    const refused = await post('bob');
    expect(refused.status).toBe(403);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect((await post('eve')).status).toBe(401);
    const read = await fetch(`${app.url}/sites/7/messages`, { headers: as('bob') });
    expect(await read.json()).toMatchObject([{ seq: 1, sender_id: 'ada', body: 'The crane is here' }]);
    client.close();
    expect(await app.stop()).toBe(0);
  });

  it('has notifications and preferences in NestJS', async () => {
    const app = await startApplication(project, 'nest-notifications');
    const send = (method: string, path: string, body: object) =>
      fetch(app.url + path, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const { version } = (await (await fetch(`${app.url}/settings/ada`)).json()) as { version: number };
    const patched = await send('PATCH', `/settings/ada?version=${version}`, { locale: 'de' });
    expect(patched.status).toBe(200);
    const stale = await send('PATCH', `/settings/ada?version=${version}`, { locale: 'en' });
    expect({ status: stale.status, problem: await stale.json() }).toMatchObject({
      status: 409,
      problem: { statusCode: 409 },
    });
    expect((await send('PATCH', '/settings/ada?version=1', { locale: 5 })).status).toBe(400);
    expect((await send('POST', '/orders/7/assign', { user: 'ada' })).status).toBe(201);
    const inbox = await eventually(async () => (await fetch(`${app.url}/inbox/ada`)).json(), hasItems);
    expect(inbox).toEqual(['Auftrag 7 ist deiner']);
    expect(await app.stop()).toBe(0);
  });

  it('has files and comments in Fastify beside its own routes, schemas and sessions', async () => {
    const app = await startApplication(project, 'fastify-files');
    const json = { 'content-type': 'application/json' };
    const signIn = (user: string) =>
      fetch(`${app.url}/sign-in`, { method: 'POST', headers: json, body: JSON.stringify({ user }) });
    const cookie = (await signIn('ada')).headers.get('set-cookie')!.split(';')[0]!;
    expect(await (await fetch(`${app.url}/search`)).json()).toEqual({ limit: 3 });
    const lost = await fetch(`${app.url}/nothing`);
    expect([lost.status, await lost.text()]).toEqual([404, '<h1>Nothing here</h1>']);

    const files = `${app.url}/files/entities/inspections/9/attachments`;
    const form = () => {
      const form = new FormData();
      form.set('file', new Blob(['crack: 2 mm'], { type: 'text/plain' }), 'findings.txt');
      return form;
    };
    expect((await fetch(files, { method: 'POST', body: form() })).status).toBe(401);
    const forged = await fetch(files, { method: 'POST', headers: { cookie: 'session=ada' }, body: form() });
    expect(forged.status).toBe(401);
    expect((await fetch(files, { method: 'POST', headers: { cookie }, body: form() })).status).toBe(201);
    const listed = await (await fetch(files, { headers: { cookie } })).json();
    expect(listed).toMatchObject({ items: [{ file_name: 'findings.txt', uploaded_by: 'ada' }] });

    const talk = `${app.url}/talk/entities/inspections/9/comments`;
    const comment = JSON.stringify({ body: 'Who looks at this?' });
    const said = await fetch(talk, { method: 'POST', headers: { ...json, cookie }, body: comment });
    expect(said.status).toBe(201);
    const wrong = await fetch(talk, { method: 'POST', headers: { ...json, cookie }, body: '{"body":5}' });
    expect([wrong.status, wrong.headers.get('content-type')]).toEqual([
      400,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(await app.stop()).toBe(0);
  });
});

describe('without Fastify', () => {
  // Last of all: the project has no Fastify from here on.
  beforeAll(async () => {
    const modules = join(project.folder, 'node_modules');
    const fastify = (await readdir(modules)).filter((name) => /^(@?fastify$|fastify-)/.test(name));
    for (const name of fastify) await rename(join(modules, name), join(project.folder, `away-${name}`));
  });

  it.each(versions)('imports every entry that is no Fastify plugin, on Node %s', async (version) => {
    await importEach(
      version,
      entries.filter((entry) => !fastifyEntry.test(entry)),
    );
  });

  it.each(versions)('runs the command, on Node %s', async (version) => {
    const command = join(project.folder, 'node_modules/@infratraq/cli/bin/infratraq.mjs');
    const printed = await run(project.nodes[version], [command, 'decide', 'financial-data'], {
      cwd: project.folder,
    });
    expect(printed).toContain('postgresql');
  });
});

/** Imports each entry in a process of its own project; fails with the names of those that cannot be imported. */
async function importEach(version: '22' | '24', names: readonly string[]): Promise<void> {
  const program = `
    const failed = [];
    for (const name of ${JSON.stringify(names)})
      await import(name).catch((error) => failed.push(name + ': ' + error.message));
    console.log(JSON.stringify(failed));
    process.exit();
  `;
  const words = ['--input-type=module', '--eval', program];
  const printed = await run(project.nodes[version], words, { cwd: project.folder });
  expect(JSON.parse(printed)).toEqual([]);
}

const hasItems = (items: unknown): boolean => (items as readonly unknown[]).length > 0;
