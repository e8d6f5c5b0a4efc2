import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startMailpit, type Mailpit } from '@infratraq/engines';
import type { OutboundMail, OutboundMailRecorder } from '@infratraq/kernel';
import { MailAddressing } from '@infratraq/messaging';
import { openSmtpSender, type OutgoingMessage, type Sender } from '@infratraq/notifications';
import { recordSentMail } from './record-sent-mail.js';

const from = 'InfraTraq <notices@infratraq.example>';
const addressing = new MailAddressing({ mailbox: 'inbox@infratraq.example', secret: 'one' });
const message = (email: string): OutgoingMessage => ({
  delivery_id: 'd-1',
  notification_id: 'n-1',
  recipient_id: 'u-1',
  type: 'comment.added',
  locale: 'en',
  title: 'Ada commented',
  body: 'B 30',
  attempt: 1,
  urgency: 'normal',
  address: { channel: 'email', email },
  data: { entity_type: 'projects', entity_id: '42' },
});

describe('mail that is sent', () => {
  let mailpit: Mailpit;
  let smtp: Sender;
  const history: OutboundMailRecorder & { steps: unknown[]; isAway: boolean } = {
    steps: [],
    isAway: false,
    async begin(mail: OutboundMail) {
      if (this.isAway) throw new Error('away');
      this.steps.push(mail);
    },
    async finish(...step) {
      this.steps.push(step);
    },
  };
  const sender = () => recordSentMail(smtp, { history, addressing, from, onError: () => undefined });
  const arrived = async () =>
    (await (await fetch(`${mailpit.url}/api/v1/messages`)).json()) as {
      messages: { Subject: string; MessageID: string }[];
    };

  beforeAll(async () => {
    mailpit = await startMailpit();
    smtp = await openSmtpSender({ url: mailpit.smtpUrl, from });
  }, 180_000);
  afterAll(async () => {
    await smtp.close();
    await mailpit.stop();
  });

  it('waits for its history, so that no answer comes to a mail that nobody knows', async () => {
    history.isAway = true;
    expect(await sender().send(message('a@b.example'))).toMatchObject({
      outcome: 'unreachable',
      error_code: 'mail.history',
    });
    expect((await arrived()).messages).toEqual([]);
    history.isAway = false;
  });

  it('is recorded under the Message-ID with which it arrives, with the reference that brings answers back', async () => {
    expect(await sender().send(message('a@b.example'))).toMatchObject({ outcome: 'accepted' });
    const [mail] = (await arrived()).messages;
    const subject = `Ada commented ${addressing.tokenOf({ entity_type: 'projects', entity_id: '42' })}`;
    expect(mail).toMatchObject({ Subject: subject });
    const message_id = `<${mail?.MessageID}>`;
    expect(history.steps).toEqual([
      {
        message_id,
        from,
        to: ['a@b.example'],
        subject,
        text: 'B 30',
        notification_id: 'n-1',
        entity: { entity_type: 'projects', entity_id: '42' },
      },
      [message_id, 'sent', expect.stringContaining('250')],
    ]);
  });
});
