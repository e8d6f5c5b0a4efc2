import {
  type Clamd,
  createTestDatabases,
  type Dovecot,
  eventually,
  startClamd,
  startDovecot,
  startVersitygw,
  type TestDatabases,
  type Versitygw,
} from '@infratraq/engines';
import { connectMongo, type Mongo } from '@infratraq/mongo';
import { openObjects, type ObjectStore } from '@infratraq/objects';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ImapFlow } from 'imapflow';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';
import { startServerProcess, type ServerProcess } from '../testing/start-server-process.js';

const INBOUND_MAIL_ADDRESS = 'inbox@infratraq.example';
// The test file that every scanner knows, in two parts, so that none takes this file for it.
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');
const signatures = ['44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test'];

interface File {
  file_id: string;
  file_name: string;
  content_type: string;
  sha256: string;
}

describe('files of mails, from the mailbox to the files of an entity', () => {
  let [folder, dovecot, s3, clamd] = [] as unknown as [string, Dovecot, Versitygw, Clamd];
  let settings: NodeJS.ProcessEnv;
  let server: TestServer | undefined;
  const children: ServerProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mail-files-'));
    for (const part of ['s3', 'clamd']) await mkdir(join(folder, part));
    [dovecot, s3, clamd] = await Promise.all([
      startDovecot({ folder }),
      startVersitygw(join(folder, 's3')),
      startClamd({ folder: join(folder, 'clamd'), signatures, maximumMebibytes: 5 }),
    ]);
    const credentials = { AWS_ACCESS_KEY_ID: s3.accessKey, AWS_SECRET_ACCESS_KEY: s3.secretKey };
    Object.assign(process.env, credentials);
    settings = {
      ...credentials,
      INBOUND_MAIL_ADDRESS,
      IMAP_URL: dovecot.url,
      CLAMAV_URL: clamd.url,
      OBJECTS_URL: `s3://${s3.bucket}/files?endpoint=${s3.endpoint}&region=${s3.region}`,
    };
  }, 180_000);
  afterAll(async () => {
    await Promise.all([server?.close(), ...children.map((child) => child.kill())]);
    await Promise.all([dovecot.stop(), s3.stop(), clamd.stop()]);
    await rm(folder, { recursive: true });
  });

  /** Puts mails into the mailbox, each with files. */
  async function append(entity: string, mails: readonly (readonly [name: string, content: string])[][]) {
    const { port, user, password: pass } = dovecot;
    const client = new ImapFlow({
      host: '127.0.0.1',
      port,
      secure: false,
      auth: { user, pass },
      logger: false,
    });
    await client.connect();
    for (const [place, files] of mails.entries()) {
      const parts = files.flatMap(([name, content]) => [
        '--b',
        `Content-Type: text/html; name="${name}"`,
        'Content-Transfer-Encoding: base64',
        'Content-Disposition: attachment',
        '',
        Buffer.from(content, 'latin1').toString('base64'),
      ]);
      const lines = [
        'From: a@b.example',
        `To: inbox+${entity}@infratraq.example`,
        `Subject: ${entity} ${place}`,
        `Message-ID: <${entity}-${place}@b.example>`,
        'Content-Type: multipart/mixed; boundary=b',
        '',
        ...parts,
        '--b--',
        '',
      ];
      await client.append('INBOX', lines.join('\r\n'), []);
    }
    await client.logout();
  }

  it('obey what holds for uploaded files: type, limits, names, scans', async () => {
    server = await openTestServer(settings);
    await append('projects.42', [
      [
        ['../../plan.html', '%PDF-1.7 plan'],
        ['malware.txt', eicar],
        ['setup.txt', `\x7fELF\x02\x01\x01${'\0'.repeat(100)}`],
        ['copy.html', '%PDF-1.7 plan'],
      ],
    ]);
    const member = await server.as('u-engineer-1', 'member');
    const { body } = await eventually(
      () =>
        member<{ items: { email_id: string; attachments: object[] }[] }>(
          'GET',
          '/entities/projects/42/emails',
        ),
      (answer) =>
        answer.body.items[0]?.attachments.every((file) => 'file_id' in file || 'refusal' in file) ?? false,
    );
    const [mail] = body.items;
    expect(mail?.attachments).toMatchObject([
      { file_name: 'plan.html', file_id: expect.any(String) },
      { file_name: 'malware.txt', file_id: expect.any(String) },
      { file_name: 'setup.txt', refusal: { code: 'attachment.type-refused' } },
      { file_name: 'copy.html', file_id: expect.any(String) },
    ]);
    const attached = await member<{ items: File[] }>('GET', '/entities/projects/42/attachments');
    const shown = attached.body.items.toSorted((one, other) => one.file_name.localeCompare(other.file_name));
    expect(shown).toMatchObject([
      { file_name: 'copy.html', content_type: 'application/pdf', source: 'email' },
      { file_name: 'malware.txt', state: 'quarantined', is_downloadable: false },
      { file_name: 'plan.html', declared_content_type: 'text/html', is_downloadable: true },
    ]);
    const codes = [];
    for (const path of [
      `/emails/${mail?.email_id}/files/1`,
      `/entities/projects/42/attachments/${shown[1]?.file_id}/content`,
      `/emails/${mail?.email_id}/files/2`,
    ]) {
      const { status, body: problem } = await member('GET', path);
      codes.push([status, problem['code']]);
    }
    expect(codes).toEqual([
      [403, 'attachment.quarantined'],
      [403, 'attachment.quarantined'],
      [403, 'mail.file-refused'],
    ]);
    const file = await member<string>('GET', `/emails/${mail?.email_id}/files/0`);
    expect([file.type, file.body]).toEqual(['application/pdf', '%PDF-1.7 plan']);
    expect(await server.mongodbDocuments('attachment_metadata', { access_count: 1 })).toMatchObject([
      { file_name: 'plan.html', recent_accesses: [{ user_id: 'u-engineer-1' }] },
    ]);
  });

  it('are each there once and whole, however often the server is killed while it reads them', async () => {
    const databases: TestDatabases = await createTestDatabases();
    const environment = {
      ...settings,
      MONGODB_URI: databases.mongodbUri,
      POSTGRES_URL: databases.postgresUrl,
      DATA_DIR: join(folder, 'data'),
    };
    const count = 24;
    const mails = Array.from({ length: count }, (_, mail) =>
      ['a', 'b'].map((name) => [`${name}.txt`, `${name} of ${mail} `.repeat(20_000)] as const),
    );
    await append('projects.43', mails);
    const mongo: Mongo = await connectMongo({ uri: databases.mongodbUri });
    const objects: ObjectStore = await openObjects(settings['OBJECTS_URL']!);
    const attached = () =>
      mongo.connection
        .collection<File & { object_key: string }>('attachment_metadata')
        .find({ entity_id: '43' })
        .toArray();
    let child = await startServerProcess(environment);
    children.push(child);
    for (const enough of [8, 30]) {
      await eventually(attached, (found) => found.length >= enough);
      await child.kill();
      child = await startServerProcess(environment);
      children.push(child);
    }
    const emails = async () =>
      (await mongo.connection.collection('email_communication').find({}).toArray()).filter(
        ({ entity_id }) => entity_id === '43',
      );
    const isDecided = (email: Record<string, unknown>) =>
      (email['attachments'] as Partial<File>[]).every(({ file_id }) => file_id !== undefined);
    await eventually(emails, (found) => found.filter(isDecided).length === count);
    await child.kill();
    expect(await emails()).toHaveLength(count);
    const files = await attached();
    expect(files).toHaveLength(2 * count);
    expect(new Set(files.map(({ sha256 }) => sha256)).size).toBe(2 * count);
    for (const { object_key, sha256 } of files) {
      const content = await buffer((await objects.get(object_key)).body);
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
    }
    const kept = (await objects.list({ prefix: 'mail/files/' })).objects.map(({ key }) => key);
    expect(files.every(({ object_key }) => kept.includes(object_key))).toBe(true);
    expect(await objects.listUnfinished()).toEqual([]);
    await objects.close();
    await mongo.close();
    await databases.drop();
  }, 120_000);
});
