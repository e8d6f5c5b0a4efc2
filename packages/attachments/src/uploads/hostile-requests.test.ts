import { describe, expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { AttachmentMetadata } from '../collections/attachment-metadata.js';
import { allKeys, read, smallLimits, useAttachments } from '../testing/open-attachments.js';
import { sendRaw } from '../testing/send-raw.js';

describe('requests that no well-behaved client sends', () => {
  const attachments = useAttachments();
  const inventory = async () => ({
    records: await attachments.models.of(AttachmentMetadata).countDocuments({}),
    keys: await allKeys(attachments.objects),
    unfinished: await attachments.objects.listUnfinished(),
  });
  // What the test before has sent may still be on its way out.
  const settled = () => eventually(inventory, ({ records, keys }) => keys.length === records);
  // Who is cut off is not waited for: what it has sent is removed a moment later.
  const leavesNothing = async (before: Awaited<ReturnType<typeof inventory>>) => {
    await eventually(async () => expect(await inventory()).toEqual(before));
  };
  const post = (path: string, ...more: string[]) => [
    `POST /api/v1/entities/${path} HTTP/1.1`,
    'host: x',
    'authorization: Bearer mia',
    'content-type: multipart/form-data; boundary=b',
    ...more,
  ];
  const part = (disposition: string) =>
    `--b\r\ncontent-disposition: form-data; name="file"; ${disposition}\r\n\r\n`;
  const opening = part('filename="a.txt"');
  const chunk = (content: string) => `${Buffer.byteLength(content).toString(16)}\r\n${content}\r\n`;

  describe('to attach a file', () => {
    it('of endless content without a length end at the limit, and leave nothing', async () => {
      const before = await settled();
      function* endless() {
        yield chunk(opening);
        for (;;) yield chunk('x'.repeat(10_000));
      }
      const head = post('small/1/attachments', 'transfer-encoding: chunked');
      const answer = await sendRaw(attachments.url, head, endless());
      expect(answer).toMatchObject({ status: 413, code: 'attachment.too-large' });
      expect(answer.headers).toMatch(/^connection: close/im);
      await leavesNothing(before);
    });

    it.each([
      ['a type and no file name', 'form-data; name="file"'],
      ['a type and an empty file name', 'form-data; name="file"; filename=""'],
      ['no name at all', 'form-data'],
    ])('in a part with %s are refused, and leave nothing', async (_what, disposition) => {
      const before = await settled();
      const type = 'content-type: application/octet-stream';
      const form = `--b\r\ncontent-disposition: ${disposition}\r\n${type}\r\n\r\nx\r\n--b--\r\n`;
      const head = post('small/9/attachments', `content-length: ${form.length}`);
      const answer = await sendRaw(attachments.url, head, [form]);
      expect(answer).toMatchObject({ status: 400, code: 'attachment.form' });
      await leavesNothing(before);
    });

    it('of no more than is allowed are taken without a length', async () => {
      const form = `${opening}${'x'.repeat(smallLimits.maximumBytes)}\r\n--b--\r\n`;
      const head = post('small/2/attachments', 'transfer-encoding: chunked');
      const pieces = [chunk(form.slice(0, 70_000)), chunk(form.slice(70_000)), '0\r\n\r\n'];
      expect(await sendRaw(attachments.url, head, pieces)).toMatchObject({ status: 201 });
    });

    it.each([
      ['shorter than the form', (bytes: number) => bytes - 20, false],
      ['longer than the form', (bytes: number) => bytes + 1_000, true],
      ['far longer than is taken', () => 10_000_000_000, true],
    ])('with a Content-Length %s leave nothing', async (_what, lie, isCut) => {
      const before = await settled();
      const form = `${opening}${'x'.repeat(50_000)}\r\n--b--\r\n`;
      const head = post('small/3/attachments', `content-length: ${lie(form.length)}`);
      const { status } = await sendRaw(attachments.url, head, [form], { isCut });
      expect([400, 413]).toContain(status);
      await leavesNothing(before);
    });

    it('with two lengths, or a broken chunk, are refused before anything is stored', async () => {
      const before = await settled();
      const both = post('small/4/attachments', 'content-length: 10', 'transfer-encoding: chunked');
      expect((await sendRaw(attachments.url, both, [chunk(opening)])).status).toBe(400);
      const chunked = post('small/4/attachments', 'transfer-encoding: chunked');
      const broken = [chunk(`${opening}content`), 'zz\r\n'];
      expect((await sendRaw(attachments.url, chunked, broken)).status).toBe(400);
      await leavesNothing(before);
    });

    it('with line ends in the name are refused', async () => {
      const form = `${part("filename*=UTF-8''a%0d%0aSet-Cookie%3a%20x%3d1.txt")}content\r\n--b--\r\n`;
      const head = post('names/lines/attachments', `content-length: ${form.length}`);
      expect(await sendRaw(attachments.url, head, [form])).toMatchObject({
        status: 400,
        code: 'attachment.form',
      });
    });

    it.each([
      ['filename="..\\\\..\\\\a.txt"', 'a.txt'],
      ['filename="../../etc/passwd"', 'passwd'],
      ["filename*=UTF-8''a%00b.txt", 'ab.txt'],
      ["filename*=UTF-8''x%22%3b%20filename%3devil.html", 'x_; filename=evil.html'],
      ["filename*=UTF-8''plan%e2%80%aefdp.exe", 'planfdp.exe'],
      [`filename="${'n'.repeat(10_000)}.pdf"`, expect.stringMatching(/^n{251}\.pdf$/)],
      ['filename="a;b=c,d%41.txt"', 'a;b=c,d%41.txt'],
    ])('with a name give it no way to deceive (%#)', async (disposition, name) => {
      const form = `${part(disposition)}content\r\n--b--\r\n`;
      const entity = `names/${encodeURIComponent(disposition).slice(0, 60).replaceAll('%', '')}`;
      const head = post(`${entity}/attachments`, `content-length: ${Buffer.byteLength(form)}`);
      expect(await sendRaw(attachments.url, head, [form])).toMatchObject({ status: 201, code: undefined });
      const { items } = await read(attachments.call('GET', `${entity}/attachments`));
      expect(items).toMatchObject([{ file_name: name }]);
      const { headers } = await attachments.call('GET', `${entity}/attachments/${items[0]?.file_id}/content`);
      const shown = headers.get('content-disposition') ?? '';
      expect(shown).toMatch(/^attachment; filename=/);
      expect([...headers.keys()]).not.toContain('set-cookie');
      // Outside of quotes there is one name, and at most one more in its encoded form.
      const bare = shown.replace(/"(\\.|[^"\\])*"/g, '""');
      expect(bare.match(/filename\*?=/g)?.length).toBeLessThanOrEqual(2);
    });
  });

  it('for ranges get what is there, or a clear no, and are noted as accesses', async () => {
    const { file_id } = await read(attachments.upload('ranges/1/attachments', '0123456789'));
    const path = `ranges/1/attachments/${file_id}/content`;
    const ask = async (range: string, method = 'GET') => {
      const answer = await attachments.call(method, path, { headers: { range }, as: range });
      return [answer.status, await answer.text(), answer.headers.get('content-range')];
    };
    const whole = [200, '0123456789', null];
    expect(await ask('bytes=5-2')).toEqual(whole);
    expect(await ask(`bytes=${Array.from({ length: 500 }, (_, at) => `${at}-`).join(',')}`)).toEqual(whole);
    expect(await ask('bytes=-')).toEqual(whole);
    expect(await ask('bytes=a-b')).toEqual(whole);
    expect(await ask('items=0-1')).toEqual(whole);
    expect(await ask('bytes=8-99999999999999999999999')).toEqual([206, '89', 'bytes 8-9/10']);
    expect(await ask('bytes=-99999999999999999999999')).toEqual([206, '0123456789', 'bytes 0-9/10']);
    for (const behind of ['bytes=10-', 'bytes=99999999999999999999999-', 'bytes=-0'])
      expect(await ask(behind)).toMatchObject([416, expect.stringContaining('object.range'), 'bytes */10']);
    expect(await ask('bytes=2-4', 'HEAD')).toEqual([200, '', null]);
    const stored = await attachments.models.of(AttachmentMetadata).findOne({ file_id }).lean();
    // Whoever leaves out the first byte, or asks for nonsense, has got at the file all the same.
    expect(stored?.access_count).toBe(10);
    await ask('bytes=1-');
    await ask('bytes=1-');
    const again = await attachments.models.of(AttachmentMetadata).findOne({ file_id }).lean();
    expect(again?.access_count).toBe(11);
  });

  it('for links that were altered in any character are refused', async () => {
    const { file_id } = await read(attachments.upload('links/1/attachments', 'linked'));
    const { url } = await read(
      attachments.call('POST', `links/1/attachments/${file_id}/links`, { body: { expires_in_seconds: 60 } }),
    );
    const start = url.indexOf('token=') + 'token='.length;
    for (let at = start; at < url.length - 1; at += 3) {
      const other = url[at] === 'A' ? 'B' : 'A';
      const forged = await attachments.call('GET', url.slice(0, at) + other + url.slice(at + 1), { as: '' });
      expect([at, forged.status, await read(forged)]).toMatchObject([
        at,
        403,
        { code: 'attachment.link.invalid' },
      ]);
    }
    const [payload, signature] = url.slice(start).split('.');
    const fields = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as unknown[];
    fields[5] = Date.now() + 1e9;
    const longer = `${Buffer.from(JSON.stringify(fields)).toString('base64url')}.${signature}`;
    const forged = attachments.call('GET', url.slice(0, start) + longer, { as: '' });
    expect(await read(forged)).toMatchObject({ code: 'attachment.link.invalid' });
  });

  describe('to upload in pieces', () => {
    const tus = (method: string, path: string, headers: Record<string, string>) =>
      attachments.call(method, path, { headers: { 'tus-resumable': '1.0.0', ...headers } });
    const begin = (headers: Record<string, string>) =>
      tus('POST', 'tus/1/attachments/uploads', { 'upload-metadata': 'filename cGxhbi50eHQ=', ...headers });

    it.each(['-1', '1e3x', '9007199254740993', '0', '', 'NaN', '1.5'])(
      'are not begun with the length %j',
      async (length) => {
        const before = await inventory();
        const answer = await begin({ 'upload-length': length });
        expect([answer.status, await read(answer)]).toMatchObject([
          400,
          { code: 'attachment.upload-length' },
        ]);
        expect(await inventory()).toEqual(before);
      },
    );

    it('are not begun without a length, nor as parts of one another', async () => {
      const before = await inventory();
      for (const headers of [
        { 'upload-defer-length': '1' },
        { 'upload-length': '3', 'upload-concat': 'partial' },
      ]) {
        const answer = await begin(headers as never);
        expect([answer.status, await read(answer)]).toMatchObject([
          400,
          { code: expect.stringMatching(/^attachment\.upload-(length|whole)$/) },
        ]);
      }
      expect(await inventory()).toEqual(before);
    });

    it.each(['-1', '4', '9007199254740993', 'NaN', '1e1', ''])(
      'take nothing at the offset %j',
      async (offset) => {
        const location = (await begin({ 'upload-length': '10' })).headers.get('location') as string;
        const answer = await fetch(new URL(location, attachments.url), {
          method: 'PATCH',
          headers: {
            authorization: 'Bearer mia',
            'tus-resumable': '1.0.0',
            'upload-offset': offset,
            'content-type': 'application/offset+octet-stream',
          },
          body: 'abc',
        });
        expect([400, 409]).toContain(answer.status);
        expect(await read(answer)).toMatchObject({ code: 'attachment.upload-offset' });
        const head = await tus('HEAD', new URL(location, attachments.url).pathname, {});
        expect(head.headers.get('upload-offset')).toBe('0');
      },
    );

    it('take no more than was announced, however it is sent', async () => {
      const location = (await begin({ 'upload-length': '1000' })).headers.get('location') as string;
      const { pathname } = new URL(location, attachments.url);
      function* endless() {
        for (;;) yield chunk('x'.repeat(100_000));
      }
      const head = [
        `PATCH ${pathname} HTTP/1.1`,
        'host: x',
        'authorization: Bearer mia',
        'tus-resumable: 1.0.0',
        'content-type: application/offset+octet-stream',
        'upload-offset: 0',
        'transfer-encoding: chunked',
      ];
      const answer = await sendRaw(attachments.url, head, endless());
      expect(answer.status).toBe(413);
      expect((await tus('HEAD', pathname, {})).headers.get('upload-offset')).toBe('0');
      expect((await allKeys(attachments.objects, `uploads/${pathname.split('/').at(-1)}`)).length).toBe(0);
    });
  });
});
