import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { headersOf, mailbox, useEmailHistory } from '../../testing/use-email-history.js';

const mails = useEmailHistory();
const newId = () => `${randomUUID()}@mail.example`;

interface Report {
  readonly to: string;
  readonly about: string;
  readonly kind?: 'delivery-status' | 'feedback-report';
  readonly status?: string;
}

const report = ({ to, about, kind = 'delivery-status', status = '5.1.1' }: Report) => [
  ...headersOf(newId(), {
    From: 'postmaster@site.example',
    To: to,
    'Content-Type': `multipart/report; report-type=${kind}; boundary=b`,
  }),
  '',
  '--b',
  '',
  'Sorry.',
  '--b',
  `Content-Type: message/${kind}`,
  '',
  ...(kind === 'delivery-status'
    ? [
        'Reporting-MTA: dns; a',
        '',
        'Final-Recipient: rfc822; Gone@site.example',
        `Status: ${status}`,
        'Diagnostic-Code: smtp; 550 no such',
        ' user',
      ]
    : ['Feedback-Type: abuse', 'User-Agent: Site/1.0', 'Version: 1']),
  '--b',
  'Content-Type: text/rfc822-headers',
  '',
  `Message-ID: <${about}>`,
  '--b--',
  '',
];

/** Sends a mail; answers its id and the return path that it carried. */
async function send() {
  const id = newId();
  const to = `${randomUUID()}@site.example`;
  await mails.history.begin({ message_id: id, from: mailbox, to: [to], subject: 'x' });
  await mails.history.finish(id, 'sent', '250 queued');
  const stored = async () => (await mails.history.listOfParticipant(to, { limit: 10 })).items[0];
  return { id, path: mails.history.addressing.returnPathOf(id) ?? '', stored };
}

const counts = () => [mails.bounces.length, mails.complaints.length];

it('a bounce at the return path of the mail counts, unless the mail is tried again', async () => {
  const { id, path, stored } = await send();
  await mails.receive(...report({ to: path, about: id, status: '4.4.1' }));
  expect(mails.bounces).toEqual([]);
  await mails.receive(...report({ to: path, about: id }));
  const [recipient, reason] = ['gone@site.example', 'smtp; 550 no such user'];
  expect(mails.bounces).toEqual([{ message_id: id, recipient, status: '5.1.1', reason }]);
  expect(await stored()).toMatchObject({ state: 'bounced' });
  // What the mail server says afterwards does not take it back.
  await mails.history.finish(id, 'sent', '250 queued');
  expect(await stored()).toMatchObject({ state: 'bounced' });
});

it('a complaint at the return path of the mail counts', async () => {
  const { id, path } = await send();
  const before = mails.complaints.length;
  await mails.receive(...report({ to: path, about: id, kind: 'feedback-report' }));
  expect(mails.complaints).toHaveLength(before + 1);
});

describe('a report that anybody can write only marks the mail and is told', () => {
  const forged: Readonly<Record<string, (path: string, others: string) => string>> = {
    'at the mailbox': () => mailbox,
    'at a return path that is made up': (path) => path.replace(/\.[^@]*@/, `.${'A'.repeat(43)}@`),
    'at a return path whose token is altered': (path) =>
      path.replace(/(.)@/, (_all, last: string) => `${last === 'A' ? 'B' : 'A'}@`),
    "at another recipient's return path": (_path, others) => others,
    'at a return path in another domain': (path) => path.replace(/@.*/, '@elsewhere.example'),
    'at a return path in other letters': (path) => path.toUpperCase(),
  };
  const kinds = [
    ['bounce', 'delivery-status'],
    ['complaint', 'feedback-report'],
  ] as const;
  const cases = Object.keys(forged).flatMap((how) => kinds.map(([kind, type]) => [how, kind, type] as const));

  it.each(cases)('%s, as a %s', async (how, kind, type) => {
    const [sent, others] = [await send(), await send()];
    const before = counts();
    const to = forged[how]?.(sent.path, others.path) ?? '';
    const { _id } = await mails.receive(...report({ to, about: sent.id, kind: type }));
    expect(counts()).toEqual(before);
    expect(await sent.stored()).toMatchObject({ state: 'sent', unsigned_report: kind });
    expect((await others.stored())?.unsigned_report).toBeUndefined();
    expect(mails.unsigned.at(-1)).toMatchObject({ kind, message_id: sent.id, email_id: _id.toHexString() });
  });

  it.each([
    ['an automatic reply', { 'Auto-Submitted': 'auto-replied' }],
    ['mail of a daemon that says so in words', { From: 'MAILER-DAEMON@site.example', 'Return-Path': '<>' }],
  ])('%s', async (_what, headers) => {
    const sent = await send();
    const before = counts();
    const words = ['550 5.1.1 no such user', 'Status: 5.1.1', `Message-ID: <${sent.id}>`];
    await mails.receive(...headersOf(newId(), { ...headers, 'In-Reply-To': `<${sent.id}>` }), '', ...words);
    expect(counts()).toEqual(before);
    expect(await sent.stored()).toMatchObject({ state: 'sent' });
  });
});

it('a report about mail that was never ours is ignored', async () => {
  const before = [...counts(), mails.unsigned.length];
  const never = 'never@ours.example';
  for (const to of [mailbox, mails.history.addressing.returnPathOf(never) ?? ''])
    await mails.receive(...report({ to, about: never }));
  expect([...counts(), mails.unsigned.length]).toEqual(before);
});
