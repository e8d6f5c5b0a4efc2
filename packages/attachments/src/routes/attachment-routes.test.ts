import { describe, expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import sharp from 'sharp';
import { AttachmentMetadata } from '../collections/attachment-metadata.js';
import { createThumbnailMaker } from '../thumbnails/make-thumbnails.js';
import { allKeys, read, useAttachments } from '../testing/open-attachments.js';

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

describe('files attached to an entity', () => {
  const attachments = useAttachments(async () => ({ thumbnails: await createThumbnailMaker() }));
  const attach = async (...[path, ...rest]: Parameters<typeof attachments.upload>) =>
    read(attachments.upload(path, ...rest));

  it('are stored, listed, and come back as they were sent', async () => {
    const content = randomBytes(5_000_000);
    const fields = { description: 'Soundings of span 4', sha256: sha256(content) };
    const answer = await attachments.upload('bridges/1/attachments', content, {
      name: 'soundings.bin',
      type: 'application/x-soundings',
      fields,
    });
    expect(answer.status).toBe(201);
    const attached = await read(answer);
    expect(attached).toMatchObject({
      entity_type: 'bridges',
      entity_id: '1',
      version: 1,
      state: 'stored',
      file_name: 'soundings.bin',
      content_type: 'application/octet-stream',
      declared_content_type: 'application/x-soundings',
      size_bytes: content.length,
      is_downloadable: true,
      uploaded_by: 'mia',
      scan: { verdict: 'clean', engine: 'none' },
      ...fields,
    });
    const { items } = await read(attachments.call('GET', 'bridges/1/attachments'));
    expect(items).toEqual([attached]);
    const download = await attachments.call('GET', `bridges/1/attachments/${attached.file_id}/content`);
    expect(Buffer.from(await download.arrayBuffer()).equals(content)).toBe(true);
    expect(Object.fromEntries(download.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename=soundings.bin',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    const other = await attachments.call('GET', `bridges/2/attachments/${attached.file_id}/content`);
    expect(other.status).toBe(404);
  });

  it('are found under names in any script, and so downloaded', async () => {
    const { file_id, file_name } = await attach('bridges/3/attachments', 'x', { name: 'Prüfbericht 橋.txt' });
    expect(file_name).toBe('Prüfbericht 橋.txt');
    const { headers } = await attachments.call('GET', `bridges/3/attachments/${file_id}/content`);
    expect(headers.get('content-disposition')).toContain("filename*=UTF-8''Pr%C3%BCfbericht%20%E6%A9%8B.txt");
  });

  it('give ranges, and refuse those behind the end', async () => {
    const { file_id } = await attach('bridges/4/attachments', '0123456789');
    const ask = (headers: Record<string, string>) =>
      attachments.call('GET', `bridges/4/attachments/${file_id}/content`, { headers });
    const part = await ask({ range: 'bytes=2-4' });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
      206,
      'bytes 2-4/10',
      '234',
    ]);
    expect(await (await ask({ range: 'bytes=-3' })).text()).toBe('789');
    expect(await (await ask({ range: 'bytes=8-' })).text()).toBe('89');
    expect((await ask({ range: 'bytes=0-1,4-5' })).status).toBe(200);
    const behind = await ask({ range: 'bytes=10-' });
    expect([behind.status, behind.headers.get('content-range')]).toEqual([416, 'bytes */10']);
    expect(await read(behind)).toMatchObject({ code: 'object.range', status: 416 });
    const etag = part.headers.get('etag') as string;
    expect((await ask({ 'if-none-match': etag })).status).toBe(304);
    expect((await ask({ range: 'bytes=2-4', 'if-range': etag })).status).toBe(206);
    expect((await ask({ range: 'bytes=2-4', 'if-range': '"other"' })).status).toBe(200);
  });

  it('have the same headers for HEAD as for GET, and no body', async () => {
    const { file_id } = await attach('bridges/13/attachments', '0123456789');
    const path = `bridges/13/attachments/${file_id}/content`;
    const got = await attachments.call('GET', path);
    const head = await attachments.call('HEAD', path);
    const named = ['content-length', 'content-type', 'content-disposition', 'etag', 'accept-ranges'];
    const headersOf = ({ headers }: Response) => named.map((name) => [name, headers.get(name)]);
    expect(headersOf(head)).toEqual(headersOf(got));
    expect(head.headers.get('content-length')).toBe('10');
    expect(await head.text()).toBe('');
    const etag = got.headers.get('etag') as string;
    const unchanged = await attachments.call('HEAD', path, { headers: { 'if-none-match': etag } });
    expect([unchanged.status, unchanged.headers.get('content-length')]).toEqual([304, null]);
  });

  it('have versions, of which the last is current and each can be read', async () => {
    const { file_id } = await attach('bridges/5/attachments', 'first');
    const path = `bridges/5/attachments/${file_id}`;
    expect(await attach(`${path}/versions`, 'second')).toMatchObject({
      file_id,
      version: 2,
      is_current: true,
    });
    const many = await Promise.all(
      ['a', 'b', 'c', 'd'].map((content) => attach(`${path}/versions`, content)),
    );
    expect(many.map(({ version }) => version).sort()).toEqual([3, 4, 5, 6]);
    const { items } = await read(attachments.call('GET', 'bridges/5/attachments'));
    expect(items).toMatchObject([{ version: 6 }]);
    const { versions } = await read(attachments.call('GET', path));
    expect(versions.map(({ is_current }: { is_current: boolean }) => is_current)).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
    expect(await (await attachments.call('GET', `${path}/content?version=2`)).text()).toBe('second');
    expect((await attachments.call('GET', `${path}/content?version=9`)).status).toBe(404);
    const foreign = await attachments.upload(`bridges/6/attachments/${file_id}/versions`, 'x');
    expect([foreign.status, await read(foreign)]).toMatchObject([404, { code: 'attachment.not-found' }]);
  });

  it('of equal content share one object', async () => {
    const content = randomBytes(1_000);
    const before = await allKeys(attachments.objects, 'attachments/');
    const first = await attach('bridges/7/attachments', content);
    const second = await attach('roads/7/attachments', content, { name: 'other.txt' });
    expect(await allKeys(attachments.objects, 'attachments/')).toHaveLength(before.length + 1);
    const download = await attachments.call('GET', `roads/7/attachments/${second.file_id}/content`);
    expect(Buffer.from(await download.arrayBuffer()).equals(content)).toBe(true);
    expect(second.file_id).not.toBe(first.file_id);
  });

  it('can be fetched by a link until it expires, and only by our links', async () => {
    const { file_id } = await attach('bridges/8/attachments', 'linked');
    const links = `bridges/8/attachments/${file_id}/links`;
    const made = await attachments.call('POST', links, { body: { expires_in_seconds: 60 } });
    expect(made.status).toBe(201);
    const { url } = await read(made);
    const fetchLink = (path: string) => attachments.call('GET', path, { as: '' });
    expect(await (await fetchLink(url)).text()).toBe('linked');
    for (const forged of [
      `${url}x`,
      url.replace(/\..*/, '.AAAA'),
      url.replace(/\..*/, ''),
      '/api/v1/attachments/content?token=x.y.z',
    ])
      expect((await fetchLink(forged)).status).toBe(403);
    attachments.pass(1);
    expect(await read(fetchLink(url))).toMatchObject({ code: 'attachment.link.expired' });
    const long = await attachments.call('POST', links, { body: { expires_in_seconds: 10_000_000 } });
    expect(long.status).toBe(400);
  });

  it('know who got at them', async () => {
    const { file_id } = await attach('bridges/9/attachments', 'read me');
    const path = `bridges/9/attachments/${file_id}`;
    await attachments.call('GET', `${path}/content`, { as: 'ben' });
    await attachments.call('GET', `${path}/content`, { as: 'ben', headers: { range: 'bytes=3-5' } });
    const { url } = await read(attachments.call('POST', `${path}/links`, { body: {} }));
    await attachments.call('GET', url, { as: '' });
    const stored = await attachments.models.of(AttachmentMetadata).findOne({ file_id }).lean();
    expect(stored).toMatchObject({ access_count: 3 });
    expect(stored?.recent_accesses?.map(({ user_id, action }) => [user_id, action])).toEqual([
      ['ben', 'download'],
      ['mia', 'link'],
      ['mia', 'download'],
    ]);
    const accesses = attachments.events.filter((event) => event.file_id === file_id && event.action);
    expect(accesses).toHaveLength(3);
  });

  it('of images have thumbnails without what the image says of itself', async () => {
    const image = await sharp({ create: { width: 2_000, height: 1_000, channels: 3, background: 'navy' } })
      .withExif({ IFD0: { Copyright: 'secret place' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const attached = await attach('bridges/10/attachments', image, { name: 'span.png', type: 'image/png' });
    expect(attached).toMatchObject({
      content_type: 'image/jpeg',
      declared_content_type: 'image/png',
      image: {
        width: 1_000,
        height: 2_000,
        thumbnails: [
          { width: 160, height: 320 },
          { width: 640, height: 1280 },
        ],
      },
    });
    const path = `bridges/10/attachments/${attached.file_id}/thumbnail`;
    const small = await attachments.call('GET', `${path}?width=100`);
    const content = Buffer.from(await small.arrayBuffer());
    expect(small.headers.get('content-type')).toBe('image/webp');
    expect(await sharp(content).metadata()).toMatchObject({ format: 'webp', width: 160 });
    expect((await sharp(content).metadata()).exif).toBeUndefined();
    const large = await sharp(
      await (await attachments.call('GET', `${path}?width=5000`)).arrayBuffer(),
    ).metadata();
    expect(large.width).toBe(640);
    const { file_id } = await attach('bridges/10/attachments', 'no image');
    expect((await attachments.call('GET', `bridges/10/attachments/${file_id}/thumbnail`)).status).toBe(404);
  });

  it('are deleted by who uploaded them or an operator, and can be restored', async () => {
    const { file_id } = await attach('bridges/11/attachments', 'delete me');
    const path = `bridges/11/attachments/${file_id}`;
    const refused = await attachments.call('DELETE', path, { as: 'ben' });
    expect([refused.status, await read(refused)]).toMatchObject([403, { code: 'attachment.not-yours' }]);
    const { versions } = await read(attachments.call('DELETE', path, { as: 'olga' }));
    expect(versions).toMatchObject([{ state: 'deleted', deleted_by: 'olga', is_downloadable: false }]);
    expect((await attachments.call('GET', `${path}/content`)).status).toBe(404);
    expect(await read(attachments.call('GET', 'bridges/11/attachments'))).toMatchObject({
      items: [],
    });
    expect((await attachments.call('DELETE', path)).status).toBe(404);
    expect((await attachments.call('POST', `${path}/restore`)).status).toBe(200);
    expect(await (await attachments.call('GET', `${path}/content`)).text()).toBe('delete me');
  });

  it('leave nothing when the connection breaks off', async () => {
    const before = await allKeys(attachments.objects);
    const socket = connect(Number(new URL(attachments.url).port), '127.0.0.1');
    socket.write(
      'POST /api/v1/entities/bridges/12/attachments HTTP/1.1\r\nhost: x\r\nauthorization: Bearer mia\r\n' +
        'content-type: multipart/form-data; boundary=b\r\ncontent-length: 2000000\r\n\r\n' +
        '--b\r\ncontent-disposition: form-data; name="file"; filename="half.bin"\r\n\r\n',
    );
    socket.write(randomBytes(1_000_000));
    const listUnfinished = () => attachments.objects.listUnfinished();
    await eventually(listUnfinished, ({ length }) => length > 0);
    socket.destroy();
    await once(socket, 'close');
    await eventually(listUnfinished, ({ length }) => length === 0);
    expect(await allKeys(attachments.objects)).toEqual(before);
    expect(await attachments.models.of(AttachmentMetadata).countDocuments({ entity_id: '12' })).toBe(0);
  });

  it('are nobody’s without a token', async () => {
    expect((await attachments.call('GET', 'bridges/1/attachments', { as: '' })).status).toBe(401);
    expect((await attachments.upload('bridges/1/attachments', 'x', { as: 'forged' })).status).toBe(401);
  });
});
