import { describe, expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { Upload, type UploadOptions } from 'tus-js-client';
import { AttachmentMetadata } from '../collections/attachment-metadata.js';
import { allKeys, read, useAttachments } from '../testing/open-attachments.js';

const megabyte = 1024 * 1024;

describe('a resumable upload', () => {
  const attachments = useAttachments();

  /** Uploads with the protocol's own client; answers the headers of its last answer. */
  async function upload(path: string, content: Buffer, options: Partial<UploadOptions> = {}) {
    return new Promise<{ file_id: string | undefined; version: string | undefined; url: string | null }>(
      (resolve, reject) => {
        const client = new Upload(content, {
          endpoint: `${attachments.url}/api/v1/entities/${path}/attachments/uploads`,
          headers: { authorization: 'Bearer mia' },
          retryDelays: null,
          metadata: { filename: 'survey.bin', filetype: 'application/x-survey' },
          onError: reject,
          onSuccess: ({ lastResponse }) =>
            resolve({
              file_id: lastResponse.getHeader('Attachment-File-Id'),
              version: lastResponse.getHeader('Attachment-Version'),
              url: client.url,
            }),
          ...options,
        });
        client.start();
      },
    );
  }

  const begin = async (path: string, size: number, metadata = 'filename cGxhbi50eHQ=', as = 'mia') =>
    attachments.call('POST', `${path}/attachments/uploads`, {
      as,
      headers: { 'tus-resumable': '1.0.0', 'upload-length': String(size), 'upload-metadata': metadata },
    });
  const tus = (method: string, location: string, headers: Record<string, string> = {}, as = 'mia') =>
    attachments.call(method, new URL(location, attachments.url).pathname, {
      as,
      headers: { 'tus-resumable': '1.0.0', ...headers },
    });
  const patch = (location: string, content: Uint8Array, offset: number, as = 'mia') =>
    fetch(new URL(location, attachments.url), {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${as}`,
        'tus-resumable': '1.0.0',
        'content-type': 'application/offset+octet-stream',
        'upload-offset': String(offset),
      },
      body: content as Uint8Array<ArrayBuffer>,
    });

  it('in pieces becomes a file with type, checksum and everything a form gives', async () => {
    const content = randomBytes(11 * megabyte);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const metadata = { filename: 'Prüfung/../a.bin', filetype: 'x/y', description: 'All of it', sha256 };
    const { file_id } = await upload('bridges/1', content, { chunkSize: 3 * megabyte, metadata });
    const { versions } = await read(attachments.call('GET', `bridges/1/attachments/${file_id}`));
    expect(versions).toMatchObject([
      { version: 1, file_name: 'a.bin', sha256, size_bytes: content.length, description: 'All of it' },
    ]);
    const download = await attachments.call('GET', `bridges/1/attachments/${file_id}/content`);
    expect(Buffer.from(await download.arrayBuffer()).equals(content)).toBe(true);
    expect(await allKeys(attachments.objects, 'uploads/')).toEqual([]);
  });

  it('becomes the next version of a file', async () => {
    const first = await upload('bridges/2', Buffer.from('first'));
    const metadata = { filename: 'survey.bin', file_id: first.file_id as string };
    expect(await upload('bridges/2', Buffer.from('second'), { metadata })).toMatchObject({
      file_id: first.file_id,
      version: '2',
    });
    const { items } = await read(attachments.call('GET', 'bridges/2/attachments'));
    expect(items).toMatchObject([{ version: 2, is_current: true }]);
  });

  it('goes on where a broken connection left it, and loses little', async () => {
    const content = randomBytes(6 * megabyte);
    const location = (await begin('bridges/3', content.length)).headers.get('location') as string;
    expect(location).toMatch(/^\/api\/v1\/entities\/bridges\/3\/attachments\/uploads\/[0-9a-f]{24}$/);
    const socket = connect(Number(new URL(attachments.url).port), '127.0.0.1');
    socket.write(
      `PATCH ${location} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer mia\r\ntus-resumable: 1.0.0\r\n` +
        `content-type: application/offset+octet-stream\r\nupload-offset: 0\r\ncontent-length: ${content.length}\r\n\r\n`,
    );
    await new Promise<void>((resolve, reject) =>
      socket.write(content.subarray(0, 5 * megabyte), (error) => (error ? reject(error) : resolve())),
    );
    socket.destroy();
    // Whoever asks the server ends the upload that is under way: its record tells how far that has come.
    const _id = location.split('/').at(-1);
    const recorded = async () =>
      (await attachments.models.of(AttachmentMetadata).findOne({ _id }).lean())?.upload?.received_bytes ?? 0;
    await eventually(recorded, (bytes) => bytes >= 4 * megabyte);
    const offset = Number((await tus('HEAD', location)).headers.get('upload-offset'));
    expect(await read(attachments.call('GET', 'bridges/3/attachments'))).toMatchObject({ items: [] });
    const rest = await patch(location, content.subarray(offset), offset);
    expect(rest.status).toBe(204);
    const file_id = rest.headers.get('attachment-file-id');
    const download = await attachments.call('GET', `bridges/3/attachments/${file_id}/content`);
    expect(Buffer.from(await download.arrayBuffer()).equals(content)).toBe(true);
  });

  it('still becomes a file when its last answer was lost', async () => {
    const location = (await begin('bridges/4', 5)).headers.get('location') as string;
    const upload_id = location.split('/').at(-1) as string;
    const reference = { entity_type: 'bridges', entity_id: '4', upload_id, uploaded_by: 'mia' };
    await attachments.uploads.append(reference, Readable.from([Buffer.from('12345')]), 0);
    const answer = await tus('HEAD', location);
    expect([answer.status, answer.headers.get('upload-offset')]).toEqual([200, '5']);
    const { items } = await read(attachments.call('GET', 'bridges/4/attachments'));
    expect(items).toHaveLength(1);
    // So does every later one: the client may have lost this answer too.
    for (const { headers } of [answer, await tus('HEAD', location)])
      expect([headers.get('attachment-file-id'), headers.get('attachment-version')]).toEqual([
        items[0]!.file_id,
        '1',
      ]);
    const both = await Promise.all([
      attachments.uploads.complete(reference),
      attachments.uploads.complete(reference),
    ]);
    expect(both.map(({ version }) => version)).toEqual([1, 1]);
  });

  it('takes bytes only where it stands, and from one writer', async () => {
    const location = (await begin('bridges/5', 10)).headers.get('location') as string;
    expect((await patch(location, Buffer.from('123'), 3)).status).toBe(409);
    const both = await Promise.all([1, 2].map(() => patch(location, Buffer.from('12345'), 0)));
    expect(both.map(({ status }) => status).sort()).toEqual([204, 409]);
    expect((await patch(location, Buffer.from('678901'), 5)).status).toBe(413);
    expect((await tus('HEAD', location)).headers.get('upload-offset')).toBe('5');
    expect((await patch(location, Buffer.from('67890'), 5)).status).toBe(204);
  });

  it('takes the same bytes once, through whichever process they come', async () => {
    const location = (await begin('bridges/9', 10)).headers.get('location') as string;
    const upload_id = location.split('/').at(-1) as string;
    const reference = { entity_type: 'bridges', entity_id: '9', upload_id, uploaded_by: 'mia' };
    const writers = await Promise.allSettled(
      ['12345', '123', '1234'].map((content) =>
        attachments.uploads.append(reference, Readable.from([Buffer.from(content)]), 0),
      ),
    );
    expect(writers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { received_bytes } = await attachments.uploads.find(reference);
    const content = Buffer.from('1234567890');
    await attachments.uploads.append(
      reference,
      Readable.from([content.subarray(received_bytes)]),
      received_bytes,
    );
    const { file_id } = await attachments.uploads.complete(reference);
    const download = await attachments.call('GET', `bridges/9/attachments/${file_id}/content`);
    expect(await download.text()).toBe('1234567890');
  });

  it('tells what of the protocol it speaks, and refuses other versions', async () => {
    const location = (await begin('bridges/10', 5)).headers.get('location') as string;
    for (const path of ['bridges/10/attachments/uploads', new URL(location, attachments.url).pathname]) {
      const told = await attachments.call('OPTIONS', path, { as: '' });
      expect([told.status, told.headers.get('tus-version')]).toEqual([204, '1.0.0']);
      expect(told.headers.get('tus-extension')).toBe('creation,creation-with-upload,termination');
    }
    for (const headers of [{ 'tus-resumable': '0.2.2' }, {}] as Record<string, string>[])
      for (const method of ['HEAD', 'PATCH', 'DELETE']) {
        const answer = await attachments.call(method, new URL(location, attachments.url).pathname, {
          headers,
        });
        expect([method, answer.status, answer.headers.get('tus-version')]).toEqual([method, 412, '1.0.0']);
      }
    const begun = await attachments.call('POST', 'bridges/10/attachments/uploads', {
      headers: { 'tus-resumable': '2.0.0', 'upload-length': '5' },
    });
    expect([begun.status, await read(begun)]).toMatchObject([412, { code: 'attachment.upload-protocol' }]);
  });

  it('is nobody else’s to see, to continue or to give up', async () => {
    const location = (await begin('bridges/6', 10)).headers.get('location') as string;
    expect((await tus('HEAD', location, {}, 'ben')).status).toBe(404);
    expect((await patch(location, Buffer.from('x'), 0, 'ben')).status).toBe(404);
    expect((await tus('DELETE', location, {}, 'ben')).status).toBe(404);
    expect((await tus('HEAD', location.replace('/6/', '/7/'))).status).toBe(404);
    expect((await tus('HEAD', location, {}, '')).status).toBe(401);
  });

  it('that is given up leaves nothing', async () => {
    const location = (await begin('bridges/8', 10)).headers.get('location') as string;
    await patch(location, Buffer.from('12345'), 0);
    expect(await allKeys(attachments.objects, `uploads/${location.split('/').at(-1)}/`)).toHaveLength(1);
    expect((await tus('DELETE', location)).status).toBe(204);
    expect((await tus('HEAD', location)).status).toBe(404);
    expect(await allKeys(attachments.objects, `uploads/${location.split('/').at(-1)}/`)).toEqual([]);
    expect(await attachments.models.of(AttachmentMetadata).countDocuments({ entity_id: '8' })).toBe(0);
  });

  it('is refused at its begin or its end, and then leaves nothing', async () => {
    const refusals = [
      [await begin('small/1', 1_000_000), 413],
      [await begin('small/1', 0), 400],
      [await begin('small/1', 10, 'name eA=='), 400],
      [await begin('small/1', 10, 'filename Li4='), 400],
      [await begin('small/1', 10, 'filename eA==,sha256 eA=='), 400],
      [await begin('small/1', 10, 'filename eA==,file_id eA=='), 404],
    ] as const;
    for (const [answer, status] of refusals) expect(answer.status).toBe(status);
    const elf = Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(100)]);
    const location = (await begin('small/1', elf.length)).headers.get('location') as string;
    const end = await patch(location, elf, 0);
    expect([end.status, await read(end)]).toMatchObject([422, { code: 'attachment.type-refused' }]);
    const wrong = `filename eA==,sha256 ${Buffer.from('0'.repeat(64)).toString('base64')}`;
    const other = (await begin('small/1', 5, wrong)).headers.get('location') as string;
    expect(await read(patch(other, Buffer.from('hello'), 0))).toMatchObject({ code: 'object.checksum' });
    expect(await attachments.models.of(AttachmentMetadata).countDocuments({ entity_type: 'small' })).toBe(0);
    expect(await allKeys(attachments.objects, 'uploads/')).toEqual(
      (await allKeys(attachments.objects, 'uploads/')).filter(
        (key) => !key.includes(location.split('/').at(-1)!),
      ),
    );
  });
});
