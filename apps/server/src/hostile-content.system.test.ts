import { createTestDatabases, eventually, type TestDatabases } from '@infratraq/engines';
import { connectMongo, type Mongo } from '@infratraq/mongo';
import { connectPostgres, type Postgres } from '@infratraq/postgres';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { loadDemonstration } from './demonstration/load-demonstration.js';
import { hostileFiles } from './testing/hostile/hostile-files.js';
import { hostileMails } from './testing/hostile/hostile-mails.js';
import { MemoryWatch } from './testing/hostile/watch-process.js';
import { signToken, testSecret } from './testing/sign-token.js';
import { startServerProcess, type ServerProcess } from './testing/start-server-process.js';

const mebibyte = 1024 * 1024;
const mostMilliseconds = 100;
const mostBytes = 256 * mebibyte;
const INBOUND_MAIL_SECRET = 'a shared secret of thirty-two characters';

const plain = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: 'red' } });
const noise = (width: number, height: number) =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: 'red',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  });
const honest = {
  jpeg: await noise(64, 64).jpeg().toBuffer(),
  progressive: await plain(4_000, 4_000).jpeg({ progressive: true }).toBuffer(),
  avif: await noise(64, 64).avif().toBuffer(),
};

let databases: TestDatabases;
let folder: string;
let postgres: Postgres;
let mongo: Mongo;
let server: ServerProcess;
let memory: MemoryWatch;
let idleBytes: number;
let token: string;

beforeAll(async () => {
  databases = await createTestDatabases();
  folder = await mkdtemp(join(tmpdir(), 'hostile-'));
  postgres = await connectPostgres({ url: databases.postgresUrl });
  mongo = await connectMongo({ uri: databases.mongodbUri });
  server = await startServerProcess({
    MONGODB_URI: databases.mongodbUri,
    POSTGRES_URL: databases.postgresUrl,
    AUTH_SECRET: testSecret,
    INBOUND_MAIL_SECRET,
    INBOUND_MAIL_ADDRESS: 'inbox@infratraq.example',
    DATA_DIR: folder,
  });
  await loadDemonstration(postgres);
  await postgres.pool.query(`insert into infratraq.scope_rules (entity_type, rule) values ('*', 'open')`);
  token = await signToken('u-engineer-1', ['member', 'operator']);
  // What every first request loads is not the content's doing.
  await upload('warm.jpg', honest.jpeg);
  memory = new MemoryWatch(server.pid);
  idleBytes = await settle();
}, 180_000);
afterAll(async () => {
  memory.stop();
  await server.kill();
  await Promise.all([postgres.close(), mongo.close()]);
  await databases.drop();
  await rm(folder, { recursive: true });
});

/** Memory of the server once nothing happens and its children have ended. */
async function settle(): Promise<number> {
  const readings: number[] = [];
  await eventually(
    async () => {
      memory.takeMost();
      await new Promise((resolve) => setTimeout(resolve, 500));
      readings.push(memory.takeMost());
      return readings.slice(-4);
    },
    (last) => last.length === 4 && Math.max(...last) - Math.min(...last) < 2 * mebibyte,
    { withinMilliseconds: 90_000 },
  );
  return readings.at(-1) ?? 0;
}

const call = (path: string, init: RequestInit) => fetch(new URL(`/api/v1${path}`, server.url), init);
const authorization = () => ({ authorization: `Bearer ${token}` });

function handOver(mail: string | Buffer): Promise<Response> {
  return call('/hooks/mail/inbound', {
    method: 'POST',
    headers: { 'content-type': 'message/rfc822', 'x-mail-token': INBOUND_MAIL_SECRET },
    body: Buffer.from(mail as string),
  });
}

function upload(name: string, content: Buffer): Promise<Response> {
  const form = new FormData();
  form.append('file', new Blob([content]), name);
  return call('/entities/projects/42/attachments', { method: 'POST', headers: authorization(), body: form });
}

/** Uploads by tus: one request that begins, one with the content. */
async function uploadByTus(name: string, content: Buffer): Promise<Response> {
  const tus = { ...authorization(), 'tus-resumable': '1.0.0' };
  const begun = await call('/entities/projects/42/attachments/uploads', {
    method: 'POST',
    headers: {
      ...tus,
      'upload-length': String(content.length),
      'upload-metadata': `filename ${Buffer.from(name).toString('base64')}`,
    },
  });
  const place = new URL(begun.headers.get('location') ?? '', server.url);
  return fetch(place, {
    method: 'PATCH',
    headers: { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
    body: content,
  });
}

/** Holds the server to its limits; a turn that was too long counts if it is too long again. */
async function hold(send: () => Promise<void>): Promise<void> {
  for (const isLast of [false, true]) {
    await server.readLoop();
    memory.takeMost();
    await send();
    const { busyMilliseconds, wallMilliseconds } = await server.readLoop();
    const over = memory.takeMost() - idleBytes;
    const isHeld = busyMilliseconds <= mostMilliseconds && over <= mostBytes;
    if (!isHeld && !isLast) {
      await settle();
      continue;
    }
    if (process.env['SHOW_MEASURES'])
      process.stderr.write(
        `${JSON.stringify([expect.getState().currentTestName, Math.round(busyMilliseconds), Math.round(wallMilliseconds), Math.round(over / mebibyte)])}\n`,
      );
    expect(busyMilliseconds).toBeLessThanOrEqual(mostMilliseconds);
    expect(over).toBeLessThanOrEqual(mostBytes);
    return;
  }
}

describe('content from strangers holds neither the event loop nor the memory of the server', () => {
  it.each(hostileMails)('a mail with %s', async (_name, make) => {
    const mail = make();
    await hold(async () => expect([200, 201]).toContain((await handOver(mail)).status));
  });

  it.each(hostileFiles(honest))('a file: %s', async (name, make) => {
    const content = make();
    await hold(async () => expect((await upload(name, content)).status).toBe(201));
  });

  it.each(hostileFiles(honest).slice(0, 2))('a file in pieces: %s', async (name, make) => {
    const content = make();
    await hold(async () => expect((await uploadByTus(name, content)).status).toBeLessThan(300));
  });

  it('while content that is honest and large is read whole', async () => {
    const [, large] = hostileMails.find(([name]) => name === 'a file of 18 MiB') ?? [];
    await hold(async () => {
      const { email_id } = (await (await handOver(large?.() ?? '')).json()) as { email_id: string };
      const mail = await call(`/emails/${email_id}`, { headers: authorization() });
      const attachments = [{ file_name: 'a.bin', size_bytes: 18 * mebibyte }];
      expect(await mail.json()).toMatchObject({ malformed: false, attachments });
    });
    for (const options of [{ progressive: false }, { progressive: true }]) {
      const photograph = await noise(6_000, 4_000).blur(2).jpeg(options).toBuffer();
      await hold(async () =>
        expect(await (await upload('photograph.jpg', photograph)).json()).toMatchObject({
          image: { width: 6_000, thumbnails: [{ width: 320 }, { width: 1_280 }] },
        }),
      );
    }
  });

  it('many at once', async () => {
    const [bomb, image] = [hostileMails[0]?.[1]() ?? '', hostileFiles(honest)[0]?.[1]() ?? Buffer.alloc(0)];
    await hold(async () => {
      const all = Array.from({ length: 6 }, (_, one) => (one % 2 ? handOver(bomb) : upload('a.png', image)));
      for (const { status } of await Promise.all(all)) expect(status).toBeLessThan(300);
    });
  });
});

it('operators are told of what could not be read, which is kept and marked', async () => {
  const list = async (origin: string) => {
    const answer = await call(`/dead-letters?origin=${origin}&limit=200`, { headers: authorization() });
    return ((await answer.json()) as { items: { reason: { code: string }; payload: object }[] }).items;
  };
  const codes = async (origin: string) => new Set((await list(origin)).map(({ reason }) => reason.code));
  expect(await codes('mail')).toContain('confined.memory');
  expect(await codes('file')).toContain('confined.memory');
  const [letter] = await list('mail');
  const { email_id } = letter?.payload as { email_id: string };
  const mail = await call(`/emails/${email_id}`, { headers: authorization() });
  expect(await mail.json()).toMatchObject({
    malformed: true,
    defects: [expect.stringMatching(/^confined\./)],
  });
  const raw = await call(`/emails/${email_id}/raw`, { headers: authorization() });
  expect(raw.status).toBe(200);
});
