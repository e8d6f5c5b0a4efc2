import { accessForAllMembers } from '@infratraq/kernel';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readEnvironment } from '@infratraq/environment';
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

const database = useModels(EmailCommunication);
const address = 'inbox@infratraq.example';
const message_id = 'd-1@infratraq.example';
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

const report = (type: string, ...part: string[]) =>
  Buffer.from(
    [
      'From: mailer-daemon@site.example',
      `To: ${address}`,
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
      `Message-ID: <${message_id}>`,
      '--b--',
      '',
    ].join('\r\n'),
  );

it('tells notifications of a bounce and a complaint that are the first to arrive', async () => {
  const historyOptions = {
    models: database.models,
    access: accessForAllMembers,
    objects,
    addressing: new MailAddressing({ mailbox: address, secret: 'a secret of thirty-two characters' }),
  };
  await new EmailHistory(historyOptions).begin({
    message_id,
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
  const platform = { environment: readEnvironment({}), log: createLogger('silent') } as Platform;
  const { services } = await mailbox.open(
    platform,
    { mail: { historyOptions }, notifications: { notifications } },
    () => undefined,
  );
  const bounce = report(
    'delivery-status',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; a',
    '',
    'Final-Recipient: rfc822; gone@site.example',
    'Action: failed',
    'Status: 5.1.1',
  );
  const complaint = report(
    'feedback-report',
    'Content-Type: message/feedback-report',
    '',
    'Feedback-Type: abuse',
    'User-Agent: Site/1.0',
    'Version: 1',
  );
  for (const raw of [bounce, complaint]) await services.emails.receive({ raw, mailbox: address });
  expect(told).toEqual([
    expect.objectContaining({ state: 'bounced', provider_message_id: `<${message_id}>` }),
    expect.objectContaining({ feedback_type: 'abuse' }),
  ]);
});
