import { accessForAllMembers } from '@infratraq/kernel';
import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { EmailHistory } from '../../index.js';
import { brokenMails, endlessMails } from '../../testing/hostile-mails.js';
import { keepHostileMail } from '../../testing/keep-hostile-mail.js';
import { headersOf, mailbox, useEmailHistory } from '../../testing/use-email-history.js';

const mails = useEmailHistory();

describe('a broken or hostile mail', () => {
  it.each(brokenMails)('with %s is kept whole and marked', (_name, make, expected) =>
    keepHostileMail(mails, make, expected),
  );

  it.each(endlessMails)(
    'with %s costs its reader its process, and the server nothing',
    async (_name, make, expected) => {
      const told = mails.unread.length;
      const before = process.threadCpuUsage();
      const raw = Buffer.from(make() as string);
      const { mail } = await mails.history.receive({ raw, mailbox });
      const { user, system } = process.threadCpuUsage(before);
      expect((user + system) / 1_000).toBeLessThan(1_000);
      expect(mail).toMatchObject(expected);
      const raw_object_key = mail.raw_object_key ?? '';
      expect(await mails.objects.head(raw_object_key)).toMatchObject({ sizeBytes: raw.length });
      if (mail.defects === undefined) return;
      expect(mail.defects.at(-1)).toMatch(/^confined\.(deadline|memory)$/);
      const email_id = mail._id.toHexString();
      expect(mails.unread.slice(told)).toMatchObject([
        { email_id, raw_object_key, code: mail.defects.at(-1) },
      ]);
    },
  );

  it('with the Message-ID of another one is kept beside it', async () => {
    const head = [...headersOf(`${randomUUID()}@mail.example`), ''];
    const first = await mails.receive(...head, 'pay account one');
    const second = await mails.receive(...head, 'pay account two');
    expect(second).toMatchObject({ is_new: true, malformed: true, defects: ['message-id-taken'] });
    expect(second._id).not.toEqual(first._id);
    expect(await mails.receive(...head, 'pay account two')).toMatchObject({ is_new: false, _id: second._id });
  });

  it('leaves nothing when the database refuses, and is kept when it comes again', async () => {
    const raw = Buffer.from([...headersOf(`${randomUUID()}@mail.example`), '', 'once'].join('\r\n'));
    const before = await mails.inventory();
    const away = new EmailHistory({
      access: accessForAllMembers,
      models: mails.database.models,
      objects: { ...mails.objects, put: () => Promise.reject(new Error('storage is away')) },
      addressing: mails.history.addressing,
    });
    await expect(away.receive({ raw, mailbox })).rejects.toThrow('storage is away');
    expect(await mails.inventory()).toEqual(before);
    expect(await mails.history.receive({ raw, mailbox })).toMatchObject({ is_new: true });
  });
});
