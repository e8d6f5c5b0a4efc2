/** A feedback report as mail providers send it (RFC 5965). */
export function composeFeedbackReport({
  messageId,
  type = 'abuse',
  original = 'message/rfc822',
  date = 'Tue, 24 Nov 2026 09:30:00 +0000',
}: {
  readonly messageId: string;
  readonly type?: string;
  readonly original?: 'message/rfc822' | 'text/rfc822-headers';
  readonly date?: string;
}): string {
  return [
    'From: <feedback@mail.example.org>',
    'To: <abuse@infra.example>',
    'Subject: FW: Inspection',
    `Date: ${date}`,
    'Message-ID: <arf-1@mail.example.org>',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
    '',
    '--b',
    'Content-Type: text/plain; charset="US-ASCII"',
    '',
    'This is an email abuse report for a mail from 192.0.2.1.',
    '',
    '--b',
    'Content-Type: message/feedback-report',
    '',
    `Feedback-Type: ${type}`,
    'User-Agent: SomeGenerator/1.0',
    'Version: 1',
    'Original-Mail-From: <notices@infra.example>',
    'Original-Rcpt-To: <ada@example.org>',
    'Arrival-Date: Tue, 24 Nov 2026 08:00:00 +0000',
    'Reporting-MTA: dns; mail.example.org',
    'Source-IP: 192.0.2.1',
    'Reported-Domain: infra.example',
    '',
    '--b',
    `Content-Type: ${original}`,
    'Content-Disposition: inline',
    '',
    'From: InfraTraq <notices@infra.example>',
    'To: <ada@example.org>',
    'Subject: Inspection',
    `Message-ID: ${messageId}`,
    '',
    ...(original === 'message/rfc822' ? ['The inspection is on Monday.', ''] : []),
    '--b--',
    '',
  ].join('\r\n');
}
