import { accessForAllMembers } from '@infratraq/kernel';
import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { EmailHistory } from '../../index.js';
import { brokenMails } from '../../testing/hostile-mails.js';
import { keepHostileMail } from '../../testing/keep-hostile-mail.js';
import { headersOf, mailbox, useEmailHistory } from '../../testing/use-email-history.js';

const mails = useEmailHistory();

describe('a broken or hostile mail', () => {
  it.each(brokenMails)('with %s is kept whole and marked', (_name, make, expected) =>
    keepHostileMail(mails, make, expected),
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
