import { startClamd, type Clamd } from '@infratraq/engines';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { AttachmentMetadata } from '../collections/attachment-metadata.js';
import { AttachmentSweeper } from '../sweeping/sweep-attachments.js';
import { createClamdScanner } from './clamd-scanner.js';
import { read, useAttachments } from '../testing/open-attachments.js';

// The test file that every scanner knows, in two parts, so that none takes this file for it.
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');
const signatures = ['44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test'];
const maximumMebibytes = 2;

describe('ClamAV', () => {
  let folder: string;
  let clamd: Clamd;
  let url: string;
  const attachments = useAttachments(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clamd-'));
    clamd = await startClamd({ folder, signatures, maximumMebibytes });
    url = clamd.url;
    return { scanner: createClamdScanner({ url, maximumBytes: maximumMebibytes * 1024 * 1024 }) };
  });
  beforeAll(() => expect(url).toMatch(/^tcp:/));
  afterAll(async () => {
    await clamd.stop();
    await rm(folder, { recursive: true });
  });

  it('lets everybody download what it finds clean', async () => {
    const attached = await read(attachments.upload('bridges/1/attachments', randomBytes(1_500_000)));
    expect(attached).toMatchObject({ scan: { verdict: 'clean', engine: 'clamav' }, is_downloadable: true });
  });

  it('lets nobody download malware, by any way, and keeps it until its grace is over', async () => {
    const attached = await read(attachments.upload('bridges/2/attachments', eicar, { name: 'plan.pdf' }));
    expect(attached).toMatchObject({
      state: 'quarantined',
      scan: { verdict: 'infected', signature: 'Eicar-Test.UNOFFICIAL', engine: 'clamav' },
      is_downloadable: false,
      purge_after: expect.any(String),
    });
    const path = `bridges/2/attachments/${attached.file_id}`;
    const ways = [
      await attachments.call('GET', `${path}/content`, { as: 'olga' }),
      await attachments.call('GET', `${path}/thumbnail`),
      await attachments.call('POST', `${path}/links`, { body: {} }),
    ];
    for (const way of ways)
      expect([way.status, await read(way)]).toMatchObject([403, { code: 'attachment.quarantined' }]);
    expect(attachments.events.map(({ kind }) => kind)).toContain('attachment:quarantined');
    await attachments.call('DELETE', path);
    await attachments.call('POST', `${path}/restore`);
    expect((await attachments.call('GET', `${path}/content`)).status).toBe(403);
    // The same content is not taken for clean because somebody else sent it.
    const again = await read(attachments.upload('bridges/3/attachments', eicar));
    expect(again).toMatchObject({ state: 'quarantined' });
  });

  it('lets nobody download what is too large for it to look into', async () => {
    const attached = await read(attachments.upload('bridges/4/attachments', randomBytes(5_000_000)));
    expect(attached).toMatchObject({ scan: { verdict: 'unscannable' }, is_downloadable: false });
    const way = await attachments.call('GET', `bridges/4/attachments/${attached.file_id}/content`);
    expect(await read(way)).toMatchObject({ code: 'attachment.unscannable' });
  });

  it('that is away keeps files from being downloaded until the sweep has asked it', async () => {
    const port = Number(new URL(url).port);
    await clamd.stop();
    const attached = await read(attachments.upload('bridges/5/attachments', 'waiting'));
    expect(attached).toMatchObject({ state: 'stored', scan: { verdict: 'pending' }, is_downloadable: false });
    const path = `bridges/5/attachments/${attached.file_id}/content`;
    expect(await read(attachments.call('GET', path))).toMatchObject({ code: 'attachment.scan-pending' });
    expect(attachments.errors).toMatchObject([{ code: 'attachment.scanner-unavailable' }]);
    const sweeper = new AttachmentSweeper({ ...attachments.options, uploads: attachments.uploads });
    expect(await sweeper.sweep()).toMatchObject({ examined: 0 });
    clamd = await startClamd({ folder, signatures, maximumMebibytes, port });
    expect(await sweeper.sweep()).toMatchObject({ examined: 1 });
    expect((await attachments.call('GET', path)).status).toBe(200);
    const pending = { 'scan.verdict': 'pending' } as const;
    expect(await attachments.models.of(AttachmentMetadata).countDocuments(pending)).toBe(0);
  });

  it('is asked again when it ends in the middle of a scan', async () => {
    const scanner = createClamdScanner({ url });
    const endless = new Readable({ read() {} });
    const scanning = expect(scanner.scan(endless)).rejects.toMatchObject({
      code: 'attachment.scanner-unavailable',
    });
    endless.push(Buffer.alloc(1_000));
    await clamd.stop();
    await scanning;
    clamd = await startClamd({ folder, signatures, maximumMebibytes, port: Number(new URL(url).port) });
  });
});
