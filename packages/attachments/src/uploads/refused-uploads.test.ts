import { describe, expect, it } from '@jest/globals';
import { AttachmentMetadata } from '../collections/attachment-metadata.js';
import { allKeys, useAttachments } from '../testing/open-attachments.js';
import { sendRaw } from '../testing/send-raw.js';

// More than the buffers between both ends hold.
const bytes = 20 * 1024 * 1024;
const piece = Buffer.alloc(65_536, 'x');
const part = (disposition: string) => `--b\r\ncontent-disposition: form-data; ${disposition}\r\n\r\n`;
const file = part('name="file"; filename="a.txt"');

describe('who sends a whole upload before they read learns why it was refused', () => {
  const attachments = useAttachments();
  function* rest() {
    for (let sent = 0; sent < bytes; sent += piece.length) yield piece;
  }
  /** Sends a beginning and much more, with its length or in chunks. */
  function send(line: string, headers: readonly string[], beginning: string, isChunked: boolean) {
    const chunk = (content: string | Uint8Array) =>
      Buffer.concat([
        Buffer.from(`${content.length.toString(16)}\r\n`),
        Buffer.from(content),
        Buffer.from('\r\n'),
      ]);
    function* pieces() {
      for (const content of beginning === '' ? rest() : [beginning, ...rest()])
        yield isChunked ? chunk(content) : content;
      if (isChunked) yield '0\r\n\r\n';
    }
    const length = isChunked ? 'transfer-encoding: chunked' : `content-length: ${beginning.length + bytes}`;
    const head = [`${line} HTTP/1.1`, 'host: x', ...headers, length];
    return sendRaw(attachments.url, head, pieces(), { readsLate: true });
  }
  const inventory = async () => [
    await attachments.models.of(AttachmentMetadata).countDocuments({ state: { $ne: 'uploading' } }),
    (await allKeys(attachments.objects)).length,
  ];

  describe.each([
    ['with its length', false],
    ['in chunks', true],
  ])('%s', (_how, isChunked) => {
    it.each([
      ['too large', 'small', 'mia', file, 413, 'attachment.too-large'],
      ['of a refused type', 'bridges', 'mia', `${file}#!/bin/sh\n`, 422, 'attachment.type-refused'],
      ['in a wrong form', 'bridges', 'mia', `${part('name="owner"')}olga\r\n${file}`, 400, 'attachment.form'],
      ['by nobody we know', 'bridges', 'forged', file, 401, 'unauthenticated'],
    ])('by form: %s', async (_what, type, user, beginning, status, code) => {
      const before = await inventory();
      const line = `POST /api/v1/entities/${type}/refused/attachments`;
      const headers = [`authorization: Bearer ${user}`, 'content-type: multipart/form-data; boundary=b'];
      expect(await send(line, headers, beginning, isChunked)).toMatchObject({ status, code });
      expect(await inventory()).toEqual(before);
    });

    it.each([
      ['more than was announced', 'mia', 0, 413, 'attachment.too-large'],
      ['at another place', 'mia', 10, 409, 'attachment.upload-offset'],
      ['to the upload of somebody else', 'olga', 0, 404, 'attachment.upload-not-found'],
      ['by nobody we know', 'forged', 0, 401, 'unauthenticated'],
    ])('in pieces: %s', async (_what, user, offset, status, code) => {
      const begun = await attachments.call('POST', 'bridges/refused/attachments/uploads', {
        headers: {
          'tus-resumable': '1.0.0',
          'upload-length': '1000',
          'upload-metadata': 'filename cGxhbi50eHQ=',
        },
      });
      const before = await inventory();
      const { pathname } = new URL(begun.headers.get('location') as string, attachments.url);
      const headers = [
        `authorization: Bearer ${user}`,
        'tus-resumable: 1.0.0',
        `upload-offset: ${offset}`,
        'content-type: application/offset+octet-stream',
      ];
      expect(await send(`PATCH ${pathname}`, headers, '', isChunked)).toMatchObject({ status, code });
      expect(await inventory()).toEqual(before);
    });
  });
});
