/** A delivery status notification as Postfix writes it (RFC 3464). */
export function composeDeliveryStatus({
  messageId,
  original = 'message/rfc822',
  recipients = [{ action: 'failed', status: '5.1.1' }],
}: {
  messageId: string;
  original?: 'message/rfc822' | 'text/rfc822-headers';
  recipients?: readonly { action: string; status: string }[];
}): string {
  const told = recipients.map(({ action, status }) => [
    'Final-Recipient: rfc822; ada@example.org',
    `Action: ${action}`,
    `Status: ${status}`,
    'Diagnostic-Code: smtp; 550 5.1.1 <ada@example.org>: Recipient address rejected:',
    '    User unknown',
    '',
  ]);
  return [
    'From: MAILER-DAEMON@mx.example.org',
    'To: notices@infra.example',
    'Subject: Undelivered Mail Returned to Sender',
    'Date: Tue, 24 Nov 2026 09:30:00 +0000',
    'Message-ID: <dsn-1@mx.example.org>',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'I could not deliver your mail.',
    '',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example.org',
    '',
    ...told.flat(),
    '--b',
    `Content-Type: ${original}`,
    '',
    'From: InfraTraq <notices@infra.example>',
    'To: ada@example.org',
    'Subject: Inspection',
    'Message-ID:',
    ` ${messageId}`,
    '',
    ...(original === 'message/rfc822' ? ['The inspection is on Monday.', ''] : []),
    '--b--',
    '',
  ].join('\r\n');
}
