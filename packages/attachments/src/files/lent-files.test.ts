import { describe, expect, it } from '@jest/globals';
import type { LentFile } from '@infratraq/kernel';
import { AttachmentMetadata } from '../collections/attachment-metadata.js';
import { AttachmentSweeper } from '../sweeping/sweep-attachments.js';
import { LentFiles } from './lent-files.js';
import { allKeys, read, smallLimits, useAttachments } from '../testing/open-attachments.js';

describe('files that another domain lends', () => {
  const attachments = useAttachments(async () => ({
    scanner: {
      scan: async (content) => {
        let text = '';
        for await (const chunk of content) text += String(chunk);
        return { verdict: text.includes('virus') ? 'infected' : 'clean', engine: 'test' };
      },
    },
  }));
  const lent = () => new LentFiles({ ...attachments.options, attachments: attachments.service });
  let lentSoFar = 0;

  async function lend(content: string | Uint8Array, more: Partial<LentFile> = {}): Promise<LentFile> {
    const key = `mail/${(lentSoFar += 1)}`;
    await attachments.objects.put(`lent/${lentSoFar}`, content);
    return {
      key,
      object_key: `lent/${lentSoFar}`,
      entity_type: 'bridges',
      entity_id: String(lentSoFar),
      file_name: 'plan.txt',
      source: 'email',
      uploaded_by: 'email:a@b.example',
      ...more,
    };
  }

  const recordsOf = ({ entity_type, entity_id }: LentFile) =>
    attachments.models.of(AttachmentMetadata).find({ entity_type, entity_id }).lean();

  it('are files of the entity like any other, without being stored again', async () => {
    const file = await lend('%PDF-1.7', {
      file_name: '../../\u202eplan.html',
      declared_content_type: 'text/html',
    });
    const before = await allKeys(attachments.objects);
    const { file_id } = (await lent().attach(file)) as { file_id: string };
    expect(await allKeys(attachments.objects)).toEqual(before);
    const path = `bridges/${file.entity_id}/attachments`;
    const { items } = await read(attachments.call('GET', path));
    expect(items).toMatchObject([
      {
        file_id,
        file_name: 'plan.html',
        source: 'email',
        uploaded_by: 'email:a@b.example',
        content_type: 'application/pdf',
        declared_content_type: 'text/html',
        size_bytes: 8,
        is_downloadable: true,
        scan: { verdict: 'clean' },
      },
    ]);
    const download = await attachments.call('GET', `${path}/${file_id}/content`);
    expect(await download.text()).toBe('%PDF-1.7');
    const again = await read(attachments.upload(`roads/1/attachments`, '%PDF-1.7'));
    expect(again).toMatchObject({ sha256: items[0]?.sha256 });
    expect(await allKeys(attachments.objects)).toEqual(before);
  });

  it('are attached once, however often and by however many they are asked for', async () => {
    const file = await lend('once');
    const ids = await Promise.all([1, 2, 3, 4].map(() => lent().attach(file)));
    ids.push(await lent().attach(file));
    expect(new Set(ids.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    expect(await recordsOf(file)).toMatchObject([
      { version: 1, is_current: true, scan: { verdict: 'clean' } },
    ]);
  });

  it.each([
    ['too large', Buffer.alloc(smallLimits.maximumBytes + 1, 'x'), 'attachment.too-large'],
    ['of a type that the entity does not take', '%PDF-1.7', 'attachment.type-refused'],
    ['programs', '#!/bin/sh\nrm -rf /', 'attachment.type-refused'],
    ['empty', '', 'attachment.empty'],
  ])('are refused when they are %s, and leave no record', async (_what, content, code) => {
    const file = await lend(content, { entity_type: 'small' });
    expect(await lent().attach(file)).toEqual({ refusal: { code, message: expect.any(String) } });
    expect(await recordsOf(file)).toEqual([]);
  });

  it('are given to nobody unless they were found clean, and each access is noted', async () => {
    const infected = await lend('a virus');
    const clean = await lend('harmless');
    const [bad, good] = await Promise.all(
      [infected, clean].map(async (file) => ({
        ...file,
        ...((await lent().attach(file)) as { file_id: string }),
      })),
    );
    await expect(lent().fetch(bad!)).rejects.toMatchObject({ code: 'attachment.quarantined' });
    const access = { user_id: 'ben', ip_address: '127.0.0.1' };
    expect(await lent().fetch(good!, access)).toEqual({
      object_key: clean.object_key,
      file_name: 'plan.txt',
      content_type: 'text/plain',
    });
    for (let part = 0; part < 3; part += 1) await lent().fetch(good!, { ...access, is_part: true });
    await lent().fetch(good!);
    expect(await recordsOf(clean)).toMatchObject([
      { access_count: 1, recent_accesses: [{ ...access, action: 'download' }] },
    ]);
  });

  it('stay where their owner keeps them when the entity has done with them', async () => {
    const file = await lend('kept by its owner');
    const { file_id } = (await lent().attach(file)) as { file_id: string };
    await attachments.call('DELETE', `bridges/${file.entity_id}/attachments/${file_id}`, { as: 'olga' });
    await expect(lent().fetch({ ...file, file_id })).rejects.toMatchObject({ code: 'attachment.not-found' });
    attachments.pass(31);
    const sweeper = new AttachmentSweeper({ ...attachments.options, uploads: attachments.uploads });
    expect(await sweeper.sweep()).toMatchObject({ orphans: 0 });
    expect(await recordsOf(file)).toEqual([]);
    expect(await attachments.objects.head(file.object_key)).toBeDefined();
  });

  it('are asked for again when storage has no answer', async () => {
    const file = await lend('later');
    const away = new LentFiles({
      ...attachments.options,
      objects: { ...attachments.objects, get: () => Promise.reject(new Error('storage is away')) },
      attachments: attachments.service,
    });
    await expect(away.attach(file)).rejects.toThrow('storage is away');
    expect(await recordsOf(file)).toEqual([]);
    expect(await lent().attach(file)).toEqual({ file_id: expect.any(String) });
  });
});
