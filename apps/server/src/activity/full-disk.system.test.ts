import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  canMount,
  createTestDatabases,
  eventually,
  mountSmallDisk,
  startMongo,
  type MongoEngine,
  type SmallDisk,
  type TestDatabases,
} from '@infratraq/engines';
import { readEnvironment } from '@infratraq/environment';
import { connectMongo } from '@infratraq/mongo';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer, type RunningServer } from '../index.js';
import { createLogger } from '../platform/create-logger.js';
import { signToken, testSecret } from '../testing/sign-token.js';

let databases: TestDatabases;
let folder: string;
beforeAll(async () => {
  databases = await createTestDatabases({ mongodb: false });
  folder = await mkdtemp(join(tmpdir(), 'infratraq-full-'));
});
afterAll(async () => {
  await databases.drop();
  await rm(folder, { recursive: true });
});

it('a DATA_DIR that is no folder is named when the server starts', async () => {
  const DATA_DIR = join(folder, 'file');
  await writeFile(DATA_DIR, '');
  const environment = readEnvironment({ PORT: '0', POSTGRES_URL: databases.postgresUrl, DATA_DIR });
  await expect(startServer(environment, createLogger('silent'))).rejects.toMatchObject({
    code: 'storage.not-a-folder',
    message: expect.stringContaining(DATA_DIR),
  });
});

if (canMount())
  it('nothing that POST /events has acknowledged is lost while MongoDB is away and the disk fills', async () => {
    const disk: SmallDisk = mountSmallDisk(4_096);
    let mongo: MongoEngine = await startMongo({ dataDirectory: folder, durable: true });
    const lines: { msg: string; refused?: number }[] = [];
    const log = createLogger('warn', { write: (line: string) => void lines.push(JSON.parse(line) as never) });
    const environment = readEnvironment({
      PORT: '0',
      MONGODB_URI: mongo.uri,
      POSTGRES_URL: databases.postgresUrl,
      AUTH_SECRET: testSecret,
      DATA_DIR: disk.path,
    });
    const server: RunningServer = await startServer(environment, log);
    try {
      const call = (path: string, body: object, token?: string) =>
        fetch(`${server.url}/api/v1${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
          body: JSON.stringify(body),
        });
      const token = await signToken('mia', ['member']);
      const properties = { text: 'x'.repeat(7_500) };
      const send = (count: number) =>
        call('/events', { events: Array(count).fill({ event_type: 'page:viewed', properties }) }, token);

      await mongo.kill();
      let accepted = 0;
      let refused = 0;
      const answers: Response[] = [];
      // Until the disk and the writer's 64 MiB are full, and for a while after that.
      for (let batch = 0; batch < 40; batch += 1) {
        const answer = await send(500);
        answers.push(answer);
        const taken = answer.status === 202 ? ((await answer.json()) as { accepted: number }).accepted : 0;
        accepted += taken;
        refused += 500 - taken;
      }
      const last = answers.at(-1)!;
      expect([last.status, last.headers.get('retry-after'), await last.json()]).toEqual([
        503,
        '5',
        expect.objectContaining({ code: 'events.no-room' }),
      ]);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202, 503]));

      mongo = await startMongo({ dataDirectory: folder, durable: true, port: mongo.port });
      const store = await connectMongo({ uri: mongo.uri });
      const stored = store.connection.collection('user_activity_event');
      await eventually(
        () => stored.countDocuments({ user_id: 'mia' }),
        (count) => count === accepted,
        { withinMilliseconds: 120_000 },
      );
      await store.close();
      const begun = lines.filter(({ msg }) => msg.startsWith('events are refused'));
      expect(begun).toHaveLength(1);
      await server.close();
      const ended = lines.filter(({ msg }) => msg.startsWith('events are taken again'));
      expect(ended).toHaveLength(1);
      expect(ended[0]?.refused).toBeGreaterThan(0);
      // A batch is refused with its first event that finds no room.
      expect(ended[0]?.refused).toBeLessThanOrEqual(refused);
    } finally {
      await mongo.stop();
      disk.remove();
    }
  }, 300_000);
