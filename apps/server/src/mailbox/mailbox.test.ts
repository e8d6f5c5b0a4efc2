import { createConfinedJobs } from '@infratraq/confined-jobs';
import { accessForAllMembers } from '@infratraq/kernel';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readEnvironment } from '@infratraq/environment';
import { DeadLetterEvent } from '@infratraq/integration';
import { EmailCommunication, EmailHistory, MailAddressing } from '@infratraq/messaging';
import { openObjects, type ObjectStore } from '@infratraq/objects';
import { useModels } from '@infratraq/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createLogger } from '../platform/create-logger.js';
import type { Platform } from '../platform/platform.js';
import { mailbox } from './index.js';

const database = useModels(EmailCommunication, DeadLetterEvent);
const address = 'inbox@infratraq.example';
const [message_id, another_id] = ['d-1@infratraq.example', 'd-2@infratraq.example'];
let folder: string;
let objects: ObjectStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infratraq-mailbox-'));
  objects = await openObjects(pathToFileURL(folder).href);
});
afterAll(async () => {
  await objects.close();
  await rm(folder, { recursive: true });
});

const report = (to: string, { type, part, id }: ReturnType<typeof deliveryStatus>) =>
  Buffer.from(
    [
      'From: mailer-daemon@site.example',
      `To: ${to}`,
      'MIME-Version: 1.0',
      `Content-Type: multipart/report; report-type=${type}; boundary=b`,
      '',
      '--b',
      '',
      'Gone.',
      '--b',
      ...part,
      '--b',
      'Content-Type: text/rfc822-headers',
      '',
      `Message-ID: <${id}>`,
      '--b--',
      '',
    ].join('\r\n'),
  );

const deliveryStatus = (id = message_id) => ({
  type: 'delivery-status',
  part: [
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; a',
    '',
    'Final-Recipient: rfc822; gone@site.example',
    'Action: failed',
    'Status: 5.1.1',
  ],
  id,
});
const feedbackReport = {
  type: 'feedback-report',
  part: [
    'Content-Type: message/feedback-report',
    '',
    'Feedback-Type: abuse',
    'User-Agent: Site/1.0',
    'Version: 1',
  ],
  id: message_id,
};

it('tells notifications of a bounce and a complaint at the return path of the mail, and operators of all others', async () => {
  const addressing = new MailAddressing({ mailbox: address, secret: 'a secret of thirty-two characters' });
  const confinedJobs = createConfinedJobs();
  const { models } = database;
  const historyOptions = { models, access: accessForAllMembers, objects, addressing, confinedJobs };
  const history = new EmailHistory(historyOptions);
  for (const id of [message_id, another_id])
    await history.begin({
      message_id: id,
      from: address,
      to: ['gone@site.example'],
      subject: 'Ada commented',
      text: 'B 30',
    });
  const told: unknown[] = [];
  const notifications = {
    report: async (status: unknown) => void told.push(status),
    takeFeedback: async (feedback: unknown) => void told.push(feedback),
  };
  const log = createLogger('silent');
  const platform = { environment: readEnvironment({}), log, models, confinedJobs } as unknown as Platform;
  const needs = { mail: { historyOptions }, notifications: { notifications } };
  const { services } = await mailbox.open(platform, needs, () => undefined);
  const receive = (raw: Buffer) => services.emails.receive({ raw, mailbox: address });

  for (const one of [deliveryStatus(), feedbackReport]) await receive(report(address, one));
  expect(told).toEqual([]);
  const letters = () => models.of(DeadLetterEvent).find({ origin: 'mail' }).sort({ _id: 1 }).lean();
  expect(await letters()).toMatchObject([
    { target: 'mail:bounce', state: 'open', reason: { code: 'mail.report-unsigned' } },
    { target: 'mail:complaint', state: 'open', payload: { message_id, email_id: expect.any(String) } },
  ]);

  const path = addressing.returnPathOf(message_id) ?? '';
  for (const one of [deliveryStatus(), feedbackReport]) await receive(report(path, one));
  expect(told).toEqual([
    expect.objectContaining({ state: 'bounced', provider_message_id: `<${message_id}>` }),
    expect.objectContaining({ feedback_type: 'abuse' }),
  ]);
  // What one return path proves is nothing about the other mail that the report names as well.
  const two = report(path, deliveryStatus(another_id)).toString();
  await receive(Buffer.from(two.replace('Gone.', `Message-ID: <${message_id}>`)));
  const status = two.replace('Reporting-MTA: dns; a', `Message-ID: <${message_id}>\r\nReporting-MTA: dns; a`);
  await receive(Buffer.from(status));
  expect(told).toHaveLength(2);
  await confinedJobs.close();
});
