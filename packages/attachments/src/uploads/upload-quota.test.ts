import { describe, expect, it } from '@jest/globals';
import { AttachmentMetadata } from '../collections/attachment-metadata.js';
import { allKeys, read, useAttachments } from '../testing/open-attachments.js';

const quota = { bytesPerDay: 3_000, storedBytes: 5_000 };
const attachments = useAttachments(async () => ({ quota }));
const place = 'bridges/quota/attachments';
// Content that is stored once counts for everybody who uploads it.
const content = (bytes: number) => crypto.randomUUID().padEnd(bytes, 'x');
const send = (as: string, bytes: number) => attachments.upload(place, content(bytes), { as });
const begin = (as: string, bytes: number) =>
  attachments.call('POST', `${place}/uploads`, {
    as,
    headers: {
      'tus-resumable': '1.0.0',
      'upload-length': String(bytes),
      'upload-metadata': 'filename cGxhbi50eHQ=',
    },
  });
const codeOf = async (answer: Response) => [answer.status, (await read(answer)).code];
const stored = (uploaded_by: string) =>
  attachments.models.of(AttachmentMetadata).find({ uploaded_by }).lean();

describe.each([
  ['by form', send],
  ['in pieces', begin],
])('%s, a user', (how, upload) => {
  const user = (name: string) => `${name}-${how.length}`;

  it('uploads so much a day, and so much altogether, whatever others do', async () => {
    const mia = user('mia');
    expect((await upload(mia, 2_000)).status).toBe(201);
    const refused = await upload(mia, 1_500);
    expect(refused.headers.get('retry-after')).toBe('3600');
    expect(await codeOf(refused)).toEqual([429, 'attachment.quota-day']);
    expect((await upload(mia, 1_000)).status).toBe(201);
    expect((await upload(user('noa'), 3_000)).status).toBe(201);
    attachments.pass(1.01);
    expect(await codeOf(await upload(mia, 2_500))).toEqual([413, 'attachment.quota-stored']);
    expect((await upload(mia, 2_000)).status).toBe(201);
    expect(await codeOf(await upload(mia, 1))).toEqual([413, 'attachment.quota-stored']);
    expect(await stored(mia)).toHaveLength(3);
  });

  it('exceeds nothing with uploads at once, and is left with no trace of those that are refused', async () => {
    const kim = user('kim');
    const keys = (await allKeys(attachments.objects)).length;
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, place) => (place % 2 === 0 ? upload(kim, 500) : begin(kim, 500))),
    );
    const taken = answers.filter(({ status }) => status === 201);
    for (const answer of answers)
      if (answer.status !== 201) expect(await codeOf(answer)).toEqual([429, 'attachment.quota-day']);
    expect(taken.length).toBeLessThanOrEqual(6);
    expect(await stored(kim)).toHaveLength(taken.length);
    for (let count = taken.length; count < 6; count += 1) expect((await upload(kim, 500)).status).toBe(201);
    expect((await upload(kim, 500)).status).toBe(429);
    const files = (await stored(kim)).filter(({ state }) => state === 'stored');
    expect((await allKeys(attachments.objects)).length).toBe(keys + files.length);
  });
});

it('an upload that is given up counts no more', async () => {
  const begun = await begin('ida', 3_000);
  expect((await begin('ida', 1)).status).toBe(429);
  const path = new URL(begun.headers.get('location') as string, attachments.url).pathname;
  await attachments.call('DELETE', path, { as: 'ida', headers: { 'tus-resumable': '1.0.0' } });
  expect((await send('ida', 3_000)).status).toBe(201);
});
