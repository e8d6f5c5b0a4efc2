import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { useModels } from '@infratraq/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { AttachmentMetadata } from './collections/attachment-metadata.js';
import { openAttachments, type OpenedAttachments } from './open-attachments.js';

const inspection = { entity_type: 'inspections', entity_id: '9' };
const input = { file_name: 'findings.txt', uploaded_by: 'mia' };

describe('attachments that are opened', () => {
  let folder: string;
  let opened: OpenedAttachments;
  // Declared before the database, whose own hook closes the connection.
  afterAll(async () => {
    await opened.close();
    await rm(folder, { recursive: true });
  });
  const database = useModels(AttachmentMetadata);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'attachments-'));
    opened = await openAttachments({
      connection: database.connection,
      objectsUrl: pathToFileURL(folder).href,
      sweepIntervalSeconds: 0.05,
    });
  });

  it.each([
    ['text', 'crack: 2 mm'],
    ['bytes', Buffer.from('crack: 2 mm')],
    ['a stream', Readable.from([Buffer.from('crack: 2 mm')])],
  ])('take %s as content', async (_case, content) => {
    const { file_id } = await opened.attachments.attach(inspection, content, input);
    const { object_key } = await opened.attachments.downloadable({ ...inspection, file_id });
    expect(await text((await opened.attachments.objects.get(object_key)).body)).toBe('crack: 2 mm');
  });

  it('sweep by themselves where an interval is given', async () => {
    const { file_id } = await opened.attachments.attach(inspection, 'gone', input);
    const file = { ...inspection, file_id };
    await opened.attachments.remove(file, { user_id: 'mia', roles: [] });
    const records = database.models.of(AttachmentMetadata);
    await records.updateMany({ ...file }, { $set: { purge_after: new Date(0) } });
    await eventually(
      () => records.countDocuments({ ...file }),
      (count) => count === 0,
    );
  });

  it('make links that they read themselves', async () => {
    const stored = await opened.attachments.attach(inspection, 'linked', input);
    const mia = { user_id: 'mia', roles: ['member'] as const };
    const { url } = opened.tokens.link('/api/v1', stored, mia, 60);
    const token = new URL(url, 'http://localhost').searchParams.get('token') ?? '';
    expect(opened.tokens.verify(token)).toMatchObject({ ...inspection, file_id: stored.file_id, version: 1 });
    expect(() => opened.tokens.verify(`${token}x`)).toThrow(
      expect.objectContaining({ code: 'attachment.link.invalid' }),
    );
    expect(() => opened.tokens.link('/api/v1', stored, mia, 8 * 24 * 3_600)).toThrow(
      expect.objectContaining({ code: 'attachment.invalid' }),
    );
  });

  it.each<[string, string, (opened: OpenedAttachments) => Promise<unknown>]>([
    [
      'an entity id that is no text',
      '/entity_id',
      ({ attachments }) => attachments.list({ ...inspection, entity_id: 9 as never }),
    ],
    [
      'an operator in place of an id',
      '/entity_type',
      ({ attachments }) => attachments.list({ ...inspection, entity_type: { $gt: '' } as never }),
    ],
    [
      'content that is none',
      '/content',
      ({ attachments }) => attachments.attach(inspection, 5 as never, input),
    ],
    [
      'a file without a name',
      '/file_name',
      ({ attachments }) => attachments.attach(inspection, 'x', { uploaded_by: 'mia' } as never),
    ],
    [
      'nobody as uploader',
      '/uploaded_by',
      ({ attachments }) => attachments.attach(inspection, 'x', { ...input, uploaded_by: '' }),
    ],
    [
      'a description that is too long',
      '/description',
      ({ attachments }) => attachments.attach(inspection, 'x', { ...input, description: 'x'.repeat(2_001) }),
    ],
    [
      'a file id that is no text',
      '/file_id',
      ({ attachments }) => attachments.versions({ ...inspection, file_id: 5 as never }),
    ],
    [
      'a version before the first',
      '/',
      ({ attachments }) => attachments.current({ ...inspection, file_id: 'f' }, 0),
    ],
    [
      'an actor without roles',
      '/roles',
      ({ attachments }) => attachments.remove({ ...inspection, file_id: 'f' }, { user_id: 'mia' } as never),
    ],
    ['an upload without a size', '/size_bytes', ({ uploads }) => uploads.begin(inspection, input as never)],
    [
      'an offset that is none',
      '/',
      ({ uploads }) =>
        uploads.append({ ...inspection, upload_id: 'u', uploaded_by: 'mia' }, Readable.from([]), -1),
    ],
  ])('refuse %s, and say where it is', async (_case, path, work) => {
    await expect(work(opened)).rejects.toMatchObject({
      name: 'InvalidInputError',
      code: 'attachment.invalid',
      errors: [{ path, message: expect.any(String) }],
    });
  });

  it('leave a connection and a storage of the caller’s open', async () => {
    const { objects } = opened.attachments;
    const { attachments, close } = await openAttachments({ connection: database.connection, objects });
    const { object_key } = await attachments.attach(inspection, 'stays', input);
    await close();
    expect(await text((await objects.get(object_key)).body)).toBe('stays');
    expect(await database.models.of(AttachmentMetadata).countDocuments({ object_key })).toBe(1);
  });

  it('refuse a file of another domain instead of asking for it again', async () => {
    const file = {
      ...inspection,
      key: 'm-1',
      object_key: 'mail/files/1',
      file_name: 'a.txt',
      source: 'email' as const,
      uploaded_by: '',
    };
    expect(await opened.lent.attach(file)).toEqual({
      refusal: { code: 'attachment.invalid', message: expect.stringContaining('/uploaded_by') },
    });
  });
});
