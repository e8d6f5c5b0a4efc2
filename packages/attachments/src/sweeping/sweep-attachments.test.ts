import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import sharp from 'sharp';
import { AttachmentMetadata } from '../collections/attachment-metadata.js';
import { AttachmentSweeper, type SweepReport } from './sweep-attachments.js';
import { createThumbnailMaker } from '../thumbnails/make-thumbnails.js';
import { allKeys, read, useAttachments } from '../testing/open-attachments.js';

const nothing: SweepReport = { stalled_uploads: 0, examined: 0, purged: 0, orphans: 0, unfinished: 0 };

describe('the sweep of attachments', () => {
  const attachments = useAttachments(async () => ({ thumbnails: await createThumbnailMaker() }));
  const sweep = () => new AttachmentSweeper({ ...attachments.options, uploads: attachments.uploads }).sweep();
  const records = () => attachments.models.of(AttachmentMetadata).countDocuments({});

  it('removes a deleted file only when its grace is over, counted from its deletion', async () => {
    const image = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const { file_id } = await read(attachments.upload('bridges/1/attachments', image));
    attachments.pass(100);
    await attachments.call('DELETE', `bridges/1/attachments/${file_id}`);
    attachments.pass(29);
    expect(await sweep()).toEqual(nothing);
    expect(await allKeys(attachments.objects)).toHaveLength(3);
    attachments.pass(2);
    expect(await sweep()).toEqual({ ...nothing, purged: 1 });
    expect(await allKeys(attachments.objects)).toEqual([]);
    expect(await records()).toBe(0);
    expect(attachments.events.at(-1)).toMatchObject({
      kind: 'attachment:purged',
      file_id,
      user_id: 'system',
    });
  });

  it('keeps content as long as any file has it', async () => {
    const content = randomBytes(100);
    const first = await read(attachments.upload('bridges/2/attachments', content));
    const second = await read(attachments.upload('bridges/3/attachments', content));
    await attachments.call('DELETE', `bridges/2/attachments/${first.file_id}`);
    attachments.pass(31);
    // A copy of content that is about to go must not depend on it.
    const third = await read(attachments.upload('bridges/4/attachments', content));
    expect(await sweep()).toMatchObject({ purged: 1 });
    for (const [entity, { file_id }] of [
      ['3', second],
      ['4', third],
    ] as const) {
      const download = await attachments.call('GET', `bridges/${entity}/attachments/${file_id}/content`);
      expect(Buffer.from(await download.arrayBuffer()).equals(content)).toBe(true);
      await attachments.call('DELETE', `bridges/${entity}/attachments/${file_id}`);
    }
    attachments.pass(31);
    expect(await sweep()).toMatchObject({ purged: 2 });
    expect(await allKeys(attachments.objects)).toEqual([]);
  });

  it('may come at any moment: content of a deleted file is not lent to a new one', async () => {
    const content = randomBytes(100);
    const { file_id } = await read(attachments.upload('bridges/7/attachments', content));
    await attachments.call('DELETE', `bridges/7/attachments/${file_id}`);
    await attachments.upload('bridges/8/attachments', content);
    const keys = await attachments.models.of(AttachmentMetadata).distinct('object_key');
    expect(keys).toHaveLength(2);
    await attachments.models.of(AttachmentMetadata).deleteMany({});
    for (const key of keys) await attachments.objects.delete(key);
  });

  it('keeps a file whose retention is longer than its grace', async () => {
    const { file_id } = await read(attachments.upload('small/1/attachments', 'kept by law'));
    await attachments.call('DELETE', `small/1/attachments/${file_id}`, { as: 'olga' });
    attachments.pass(360);
    expect(await sweep()).toEqual(nothing);
    expect((await attachments.call('POST', `small/1/attachments/${file_id}/restore`)).status).toBe(200);
    await attachments.call('DELETE', `small/1/attachments/${file_id}`);
    attachments.pass(31);
    expect(await sweep()).toEqual({ ...nothing, purged: 1 });
  });

  it('ends uploads that have made no progress for a day, and no others', async () => {
    const entity = { entity_type: 'bridges', entity_id: '5' };
    const upload_id = await attachments.uploads.begin(entity, {
      file_name: 'x',
      size_bytes: 10,
      uploaded_by: 'mia',
    });
    const reference = { ...entity, upload_id, uploaded_by: 'mia' };
    attachments.pass(0.9);
    await attachments.uploads.append(reference, Readable.from([Buffer.from('12345')]), 0);
    attachments.pass(0.9);
    expect(await sweep()).toEqual(nothing);
    attachments.pass(0.2);
    expect(await sweep()).toEqual({ ...nothing, stalled_uploads: 1 });
    expect(await allKeys(attachments.objects)).toEqual([]);
    expect(await records()).toBe(0);
  });

  it('removes objects that a crash has left without a record, once no upload can still be about to record them', async () => {
    const kept = await read(attachments.upload('bridges/6/attachments', 'kept'));
    const { objects } = attachments;
    for (const key of [
      'attachments/ab/lost',
      'thumbnails/ab/00/0.webp',
      'uploads/0123456789abcdef01234567/0-5',
    ])
      await objects.put(key, 'lost');
    await objects.put('somebody/elses', 'kept');
    const report = await new AttachmentSweeper({
      ...attachments.options,
      now: () => new Date(),
      uploads: attachments.uploads,
    }).sweep();
    expect(report).toEqual(nothing);
    attachments.pass(2);
    expect(await sweep()).toEqual({ ...nothing, orphans: 3 });
    expect(await allKeys(objects)).toHaveLength(2);
    const download = await attachments.call('GET', `bridges/6/attachments/${kept.file_id}/content`);
    expect(await download.text()).toBe('kept');
  });
});
