import { expect } from '@jest/globals';
import { buffer } from 'node:stream/consumers';
import { mailbox, type useEmailHistory } from './use-email-history.js';

/** Expects a mail to be kept whole and once, with nothing stored that its record does not name. */
export async function keepHostileMail(
  mails: ReturnType<typeof useEmailHistory>,
  make: () => string | Buffer,
  expected: object,
): Promise<void> {
  const raw = Buffer.from(make() as string);
  const before = await mails.inventory();
  const { mail, is_new } = await mails.history.receive({ raw, mailbox });
  expect(is_new).toBe(true);
  expect(mail).toMatchObject(expected);
  expect(mail.malformed).toBe(mail.defects !== undefined);
  const stored = await mails.objects.get(mail.raw_object_key ?? '');
  expect((await buffer(stored.body)).equals(raw)).toBe(true);
  // A second time changes nothing, and nothing is stored that no record knows of.
  expect(await mails.history.receive({ raw, mailbox })).toMatchObject({ is_new: false });
  const after = await mails.inventory();
  expect(after.mails).toBe(before.mails + 1);
  const known = [mail.raw_object_key, ...(mail.attachments ?? []).map((one) => one.object_key)];
  expect(after.keys.filter((key) => !before.keys.includes(key) && !known.includes(key))).toEqual([]);
}
