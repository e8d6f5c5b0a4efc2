import { describe, expect, it } from '@jest/globals';
import { maximumFileNameBytes } from '@infratraq/kernel';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { AttachmentMetadata } from '../collections/attachment-metadata.js';
import { createThumbnailMaker } from '../thumbnails/make-thumbnails.js';
import { allKeys, read, smallLimits, useAttachments } from '../testing/open-attachments.js';

const png = await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
  .png()
  .toBuffer();
const script = '<script>fetch("/steal")</script>';
const svg = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`;

describe('hostile uploads', () => {
  const attachments = useAttachments(async () => ({ thumbnails: await createThumbnailMaker() }));
  const countAll = () => attachments.models.of(AttachmentMetadata).countDocuments({});

  it.each([
    ['a page that says it is an image', `<html>${script}`, 'image/png', 'text/plain'],
    ['an SVG with a script', svg, 'image/svg+xml', 'text/plain'],
    ['a script behind a picture', Buffer.concat([png, Buffer.from(script)]), 'text/html', 'image/png'],
    ['a page whose type is not one', `<html>${script}`, 'text/html; charset=utf-7', 'text/plain'],
    [
      'a page in UTF-16',
      Buffer.from(`\ufeff<html>${script}`, 'utf16le'),
      'text/html',
      'application/octet-stream',
    ],
    [
      'a PDF with a script',
      `%PDF-1.7\n1 0 obj << /OpenAction << /S /JavaScript >> >>`,
      'text/html',
      'application/pdf',
    ],
    [
      'a GIF that is a program of a browser',
      `GIF89a/*${'.'.repeat(50)}*/=1;alert(1)`,
      'text/javascript',
      'image/gif',
    ],
    [
      'a PDF that is a ZIP archive too, which is read from its end',
      Buffer.from(`%PDF-1.7\n%%EOF\nPK\x05\x06${'\0'.repeat(18)}`),
      'application/zip',
      'application/pdf',
    ],
    ['an archive', gzipSync(Buffer.alloc(1_000_000)), 'image/png', 'application/gzip'],
  ])('are never run: %s', async (_what, content, type, sniffed) => {
    const attached = await read(
      attachments.upload('bridges/1/attachments', content, { name: 'x.html', type }),
    );
    expect(attached).toMatchObject({
      content_type: sniffed,
      declared_content_type: type.replace('; charset=utf-7', ''),
    });
    const { headers } = await attachments.call('GET', `bridges/1/attachments/${attached.file_id}/content`);
    expect(headers.get('content-type')?.split(';')[0]).toBe(sniffed);
    expect(headers.get('content-disposition')).toMatch(/^attachment; /);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
  });

  it.each([
    ['a program for Linux', Buffer.from('\x7fELF\x02\x01\x01'.padEnd(100, '\0'), 'latin1'), 422],
    ['a program for Windows', Buffer.from('MZ'.padEnd(100, '\0'), 'latin1'), 422],
    ['a script of a shell', '#!/bin/sh\nrm -rf /', 422],
    ['nothing', '', 400],
  ])('are refused, and leave nothing: %s', async (_what, content, status) => {
    const [records, keys] = [await countAll(), await allKeys(attachments.objects)];
    const answer = await attachments.upload('bridges/2/attachments', content, { name: 'plan.txt' });
    expect(answer.status).toBe(status);
    expect(await countAll()).toBe(records);
    expect(await allKeys(attachments.objects)).toEqual(keys);
  });

  it('are refused when they are too large or of a type that the entity does not take, and leave nothing', async () => {
    const [records, keys] = [await countAll(), await allKeys(attachments.objects)];
    const large = Buffer.alloc(smallLimits.maximumBytes + 1, 'x');
    const answers = [
      await attachments.upload('small/1/attachments', large),
      await attachments.upload('small/1/attachments', Buffer.alloc(3_000_000, 'x')),
      await attachments.upload('small/1/attachments', '%PDF-1.7', { type: 'image/png' }),
      await attachments.upload('small/1/attachments', 'x', { fields: { sha256: '0'.repeat(64) } }),
      await attachments.upload('small/1/attachments', 'x', { fields: { sha256: 'short' } }),
      await attachments.upload('small/1/attachments', 'x', { fields: { owner: 'olga' } }),
      await attachments.upload('small/1/attachments', 'x', { fields: { description: 'x'.repeat(3_000) } }),
    ];
    expect(
      await Promise.all(answers.map(async (answer) => [answer.status, (await read(answer)).code])),
    ).toEqual([
      [413, 'attachment.too-large'],
      [413, 'attachment.too-large'],
      [422, 'attachment.type-refused'],
      [400, 'object.checksum'],
      [400, 'attachment.form'],
      [400, 'attachment.form'],
      [400, 'attachment.form'],
    ]);
    expect((await attachments.upload('small/1/attachments', large.subarray(1))).status).toBe(201);
    expect(await countAll()).toBe(records + 1);
    expect(await allKeys(attachments.objects)).toHaveLength(keys.length + 1);
  });

  it('that are no forms, or forms of another shape, get their clear error', async () => {
    const send = (type: string, body: string) =>
      fetch(`${attachments.url}/api/v1/entities/bridges/3/attachments`, {
        method: 'POST',
        headers: { authorization: 'Bearer mia', 'content-type': type },
        body,
      });
    const part = (name: string, content: string) =>
      `--b\r\ncontent-disposition: form-data; name="${name}"; filename="a.txt"\r\n\r\n${content}\r\n`;
    const form = 'multipart/form-data; boundary=b';
    const answers = [
      await send('application/json', '{"file":"x"}'),
      await send('text/plain', 'x'),
      await send('multipart/form-data', 'x'),
      await send(form, ''),
      await send(form, '--b--\r\n'),
      await send(form, 'no form at all'),
      await send(form, part('file', 'cut off')),
      await send(form, `${part('file', 'one')}${part('file', 'two')}--b--\r\n`),
      await send(form, `${part('__proto__', 'one')}--b--\r\n`),
      await send(
        form,
        `${part('file', 'one')}--b\r\ncontent-disposition: form-data; name="x"\r\n\r\ny\r\n--b--\r\n`,
      ),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 400, 400, 413, 400, 400]);
    expect(await attachments.models.of(AttachmentMetadata).countDocuments({ entity_id: '3' })).toBe(0);
  });

  it.each([
    ['../../../etc/passwd', 'passwd'],
    ['..\\..\\windows\\system.ini', 'system.ini'],
    ['/etc/shadow', 'shadow'],
    ['a\u0000b\u0007.txt', 'ab.txt'],
    ['invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['zero\u200bwidth\ufeff.txt', 'zerowidth.txt'],
    ['.htaccess', 'htaccess'],
    ['con.txt', '_con.txt'],
    ['trailing. . .', 'trailing'],
    ['a<b>:c|d?.txt', 'a_b__c_d_.txt'],
    ['e\u0301.txt', '\u00e9.txt'],
    ['tab\tand   spaces.txt', 'taband spaces.txt'],
    ['\ud83d.txt', '\ufffd.txt'],
  ])('get a name that deceives nobody: %j', async (given, name) => {
    const { service } = attachments;
    const { Readable } = await import('node:stream');
    const input = { file_name: given, uploaded_by: 'mia' };
    const entity = { entity_type: 'bridges', entity_id: '4' };
    const { file_name, file_id } = await service.attach(entity, Readable.from([Buffer.from('x')]), input);
    expect(file_name).toBe(name);
    const download = await attachments.call('GET', `bridges/4/attachments/${file_id}/content`);
    expect(download.status).toBe(200);
  });

  it('get their name cut where it is too long, and are refused without one', async () => {
    const long = await read(
      attachments.upload('bridges/5/attachments', 'x', { name: `${'橋'.repeat(300)}.pdf` }),
    );
    expect(Buffer.byteLength(long.file_name)).toBeLessThanOrEqual(maximumFileNameBytes);
    expect(long.file_name).toMatch(/橋\.pdf$/);
    for (const name of ['..', '\u202e', ' . ', '///'])
      expect(await read(attachments.upload('bridges/5/attachments', 'x', { name }))).toMatchObject({
        code: 'attachment.name.invalid',
        status: 400,
      });
  });

  it('of images that unpack to more than anybody can show are kept without thumbnails', async () => {
    const bomb = await sharp({ create: { width: 16_000, height: 16_000, channels: 3, background: 'white' } })
      .png({ compressionLevel: 9 })
      .toBuffer();
    const damaged = Buffer.concat([png.subarray(0, 40), Buffer.alloc(200)]);
    attachments.errors.length = 0;
    for (const image of [bomb, damaged]) {
      const attached = await read(attachments.upload('bridges/6/attachments', image));
      expect(attached).toMatchObject({ content_type: 'image/png', is_downloadable: true });
      expect(attached.image).toBeUndefined();
    }
    const codes = ['attachment.image-too-large', 'attachment.image-unreadable'];
    expect(attachments.errors).toMatchObject(codes.map((code) => ({ code })));
  });

  it.each([
    ['bridges/../../etc', 404],
    [`${'x'.repeat(101)}/1`, 414],
    ['bridges/%00', 400],
    ['bridges/..%2f..%2fetc', 201],
  ])('on the entity %s stay where they belong', async (entity, status) => {
    const answer = await attachments.upload(`${entity}/attachments`, 'x');
    expect(answer.status).toBe(status);
    for (const key of await allKeys(attachments.objects))
      expect(key).toMatch(/^(attachments|thumbnails)\/[0-9a-f]{2}\//);
  });
});
