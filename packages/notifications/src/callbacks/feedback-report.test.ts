import { expect, it } from '@jest/globals';
import { composeDeliveryStatus } from '../testing/compose-delivery-status.js';
import { composeFeedbackReport } from '../testing/compose-feedback-report.js';
import { readDeliveryStatus } from './delivery-status.js';
import { readFeedbackReport } from './feedback-report.js';

const now = new Date('2026-11-24T10:00:00Z');
const messageId = '<d-1@infra.example>';

it.each(['message/rfc822', 'text/rfc822-headers'] as const)(
  'a feedback report with the mail as %s names the mail, who passed it on, and when',
  async (original) => {
    expect(await readFeedbackReport(composeFeedbackReport({ messageId, original }), now)).toEqual({
      provider: 'smtp',
      provider_message_id: messageId,
      kind: 'complained',
      feedback_type: 'abuse',
      reported_by: 'dns; mail.example.org',
      at: new Date('2026-11-24T09:30:00Z'),
    });
  },
);

it.each([
  ['fraud', 'complained'],
  ['Opt-Out', 'complained'],
  ['not-spam', 'not_spam'],
  ['auth-failure', undefined],
  ['virus', undefined],
  ['other', undefined],
])('a report of the type %s is taken as %s', async (type, kind) => {
  const feedback = await readFeedbackReport(composeFeedbackReport({ messageId, type }), now);
  expect(feedback?.kind).toBe(kind);
});

it('what is no feedback report, lacks what it must have, or names no mail is none', async () => {
  const whole = composeFeedbackReport({ messageId });
  for (const raw of [
    '',
    'Subject: Hello\r\n\r\nYou sent me spam',
    composeDeliveryStatus({ messageId }),
    whole.replace(/^Feedback-Type:.*$/m, ''),
    whole.replace(/^Version:.*$/m, ''),
    whole.replace(/^User-Agent:.*$/m, ''),
    whole.replace(`Message-ID: ${messageId}`, 'X-Redacted: yes'),
  ])
    expect(await readFeedbackReport(raw, now)).toBeUndefined();
  expect(await readDeliveryStatus(whole, now)).toEqual([]);
});
