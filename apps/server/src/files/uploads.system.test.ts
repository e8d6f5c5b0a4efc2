import { createTestDatabases, eventually, type TestDatabases } from '@infratraq/engines';
import { connectPostgres } from '@infratraq/postgres';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnection, Types, type Connection } from 'mongoose';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signToken, testSecret } from '../testing/sign-token.js';
import { startServerProcess, type ServerProcess } from '../testing/start-server-process.js';

const mebibyte = 1024 * 1024;
const path = '/api/v1/entities/projects/44/attachments';

describe('uploads to a server that is killed', () => {
  let [databases, folder, server] = [] as unknown as [TestDatabases, string, ServerProcess];
  let documents: Connection;
  let authorization: string;

  beforeAll(async () => {
    databases = await createTestDatabases();
    documents = await createConnection(databases.mongodbUri).asPromise();
    folder = await mkdtemp(join(tmpdir(), 'uploads-'));
    await start();
    const postgres = await connectPostgres({ url: databases.postgresUrl });
    await postgres.pool.query(`insert into infratraq.scope_rules (entity_type, rule) values ('*', 'open')`);
    await postgres.close();
  }, 60_000);
  afterAll(async () => {
    await server.kill();
    await documents.close();
    await databases.drop();
    await rm(folder, { recursive: true });
  });

  async function start() {
    server = await startServerProcess({
      MONGODB_URI: databases.mongodbUri,
      POSTGRES_URL: databases.postgresUrl,
      AUTH_SECRET: testSecret,
      DATA_DIR: folder,
    });
    authorization = `Bearer ${await signToken('u-engineer-1', ['member'])}`;
  }

  const tus = (method: string, url: string, headers: Record<string, string> = {}, body?: Buffer) =>
    fetch(new URL(url, server.url), {
      method,
      headers: { authorization, 'tus-resumable': '1.0.0', ...headers },
      ...(body && { body: body as Buffer<ArrayBuffer> }),
    });
  const listed = async () =>
    (
      (await (await fetch(new URL(path, server.url), { headers: { authorization } })).json()) as {
        items: object[];
      }
    ).items;

  /** How many files there are in a folder of object storage. */
  const filesIn = (place: string) =>
    readdir(join(folder, 'objects', place)).then(
      (names) => names.length,
      () => 0,
    );

  /** How far an upload's record has come. To ask the server itself would end the upload that is under way. */
  async function recorded(uploadId: string): Promise<number> {
    const record = await documents
      .collection('attachment_metadata')
      .findOne({ _id: new Types.ObjectId(uploadId) });
    return Number(record?.['upload'].received_bytes);
  }

  /** Sends a request's head and the beginning of its body. */
  function sendBeginning(head: readonly string[], beginning: Buffer) {
    const socket = connect(Number(new URL(server.url).port), new URL(server.url).hostname);
    socket.on('error', () => undefined);
    socket.write(`${[...head, 'host: x', `authorization: ${authorization}`].join('\r\n')}\r\n\r\n`);
    socket.write(beginning);
    return socket;
  }

  it('go on where they stood, and end as one whole file', async () => {
    const content = randomBytes(20 * mebibyte);
    const begun = await tus('POST', `${path}/uploads`, {
      'upload-length': String(content.length),
      'upload-metadata': 'filename cGxhbi5iaW4=',
    });
    const location = begun.headers.get('location') as string;
    let offset = 0;
    for (const until of [6, 13]) {
      const headers = ['content-type: application/offset+octet-stream', `upload-offset: ${offset}`];
      const head = [`PATCH ${location} HTTP/1.1`, 'tus-resumable: 1.0.0', ...headers];
      const socket = sendBeginning(
        [...head, `content-length: ${content.length - offset}`],
        content.subarray(offset, until * mebibyte),
      );
      const uploadId = location.split('/').at(-1) as string;
      await eventually(
        () => recorded(uploadId),
        (bytes) => bytes > offset,
      );
      await server.kill();
      socket.destroy();
      await start();
      expect(await listed()).toEqual([]);
      const stands = Number((await tus('HEAD', location)).headers.get('upload-offset'));
      expect(stands).toBeGreaterThan(offset);
      expect(stands).toBeLessThanOrEqual(until * mebibyte);
      offset = stands;
    }
    const headers = { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) };
    const end = await tus('PATCH', location, headers, content.subarray(offset));
    expect(end.status).toBe(204);
    expect(await listed()).toMatchObject([
      { size_bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') },
    ]);
  }, 60_000);

  it('by form leave nothing that anybody sees', async () => {
    const before = await listed();
    const form = Buffer.concat([
      Buffer.from('--b\r\ncontent-disposition: form-data; name="file"; filename="half.bin"\r\n\r\n'),
      randomBytes(3 * mebibyte),
    ]);
    const head = [`POST ${path} HTTP/1.1`, 'content-type: multipart/form-data; boundary=b'];
    const socket = sendBeginning([...head, `content-length: ${10 * mebibyte}`], form);
    await eventually(
      () => filesIn('uploads'),
      (count) => count > 0,
    );
    await server.kill();
    socket.destroy();
    await start();
    expect(await listed()).toEqual(before);
  }, 60_000);
});
