import { expect } from '@jest/globals';
import { headersOf } from './use-email-history.js';

/** A mail that is broken, what makes it, and what it is kept as. */
export type HostileMail = readonly [name: string, make: () => string | Buffer, keptAs: object];

let made = 0;

const head = (more: Readonly<Record<string, string>> = {}) =>
  `${headersOf(`hostile-${(made += 1)}@mail.example`, more).join('\r\n')}\r\n`;
const multipart = (...parts: string[]) =>
  `${head({ 'Content-Type': 'multipart/mixed; boundary=b' })}\r\n${parts.map((part) => `--b\r\n${part}\r\n`).join('')}--b--\r\n`;
const nested = (depth: number) => {
  const open = Array.from(
    { length: depth },
    (_, level) => `Content-Type: multipart/mixed; boundary="b${level}"\r\n\r\n--b${level}\r\n`,
  );
  return `${head()}${open.join('')}Content-Type: text/plain\r\n\r\ndeep\r\n`;
};
const file = (name: string) =>
  multipart(`Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\nx`);
const mebibyte = 1024 * 1024;

/** Mails that break the format or mean harm. */
export const brokenMails: readonly HostileMail[] = [
  [
    'nothing at all',
    () => '',
    { malformed: true, defects: expect.arrayContaining(['empty', 'message-id-missing']) },
  ],
  [
    'noise',
    () => Buffer.from(Array.from({ length: 5_000 }, (_, byte) => (byte * 7919) % 256)),
    { malformed: true },
  ],
  ['no header', () => '\r\njust text', { defects: expect.arrayContaining(['from-missing']) }],
  [
    'no Message-ID',
    () => 'From: a@b.example\r\nDate: Thu, 15 Jan 2026 09:00:00 Z\r\n\r\nx',
    {
      message_id: expect.stringMatching(/^[0-9a-f]{64}@content\.invalid$/),
      defects: ['message-id-missing'],
    },
  ],
  [
    'a Message-ID that is none',
    () => `Message-ID: <a b\u0001c>\r\n${head().replace(/Message-ID.*\r\n/, '')}\r\nx`,
    {
      defects: ['message-id-invalid'],
    },
  ],
  [
    'two Message-IDs',
    () => `Message-ID: <first@x.example>\r\n${head()}\r\nx`,
    { defects: ['message-id-repeated'] },
  ],
  [
    'an unknown charset',
    () => `${head({ 'Content-Type': 'text/plain; charset=klingon' })}\r\nhello`,
    { text_body: 'hello' },
  ],
  [
    'a charset that it is not in',
    () =>
      Buffer.concat([
        Buffer.from(`${head({ 'Content-Type': 'text/plain; charset=utf-8' })}\r\n`),
        Buffer.from([0x67, 0xfc, 0x6e]),
      ]),
    {
      text_body: 'g\ufffdn',
      defects: ['text-undecodable'],
    },
  ],
  [
    'UTF-7, which hides markup',
    () => `${head({ 'Content-Type': 'text/html; charset=utf-7' })}\r\n+ADw-script+AD4-x()+ADw-/script+AD4-`,
    {
      html_body: expect.not.stringContaining('<script'),
    },
  ],
  [
    'encoded words that cannot be decoded',
    () => `${head({ Subject: '=?utf-8?q?=FF=FE?= =?x?z?' })}\r\nx`,
    {
      defects: ['subject-undecodable'],
    },
  ],
  [
    'a date of no calendar',
    () => `${head({ Date: 'Thu, 99 Foo 20260 99:99:99' })}\r\nx`,
    { defects: ['date-invalid'] },
  ],
  [
    'NUL bytes',
    () => `${head({ Subject: 'a\0b' })}\r\nx\0y`,
    {
      subject: 'a\ufffdb',
      text_body: 'x\ufffdy',
      defects: expect.arrayContaining(['nul-bytes']),
    },
  ],
  ['bare line feeds among others', () => `${head()}\r\na\nb\r\nc`, { defects: ['line-ends-mixed'] }],
  ['bare line feeds only', () => `${head()}\r\na\r\nb`.replaceAll('\r\n', '\n'), { malformed: false }],
  ['multiparts 200 deep', () => nested(200), { malformed: false }],
  [
    'multiparts 5,000 deep',
    () => nested(5_000),
    { subject: 'Inspection of span 4', defects: expect.arrayContaining(['unreadable']) },
  ],
  [
    '50,000 parts',
    () => multipart(...Array.from({ length: 50_000 }, () => 'Content-Type: application/x\r\n\r\nx')),
    {
      subject: 'Inspection of span 4',
      defects: expect.arrayContaining(['unreadable']),
    },
  ],
  [
    '500 files',
    () =>
      multipart(
        ...Array.from({ length: 500 }, (_, one) => `Content-Type: application/x; name=f${one}\r\n\r\nx`),
      ),
    {
      defects: ['files-too-many'],
    },
  ],
  [
    'multiparts that contain themselves',
    () =>
      `${head({ 'Content-Type': 'multipart/mixed; boundary=b' })}\r\n--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx`,
    {},
  ],
  [
    'a boundary that never comes',
    () => `${head({ 'Content-Type': 'multipart/mixed; boundary=never' })}\r\nx`,
    {},
  ],
  [
    '100,000 headers',
    () => `${head()}${'X-Many: yes\r\n'.repeat(100_000)}\r\nx`,
    {
      from: { address: 'inspector@site.example' },
      defects: expect.arrayContaining(['unreadable']),
    },
  ],
  [
    '1,000 headers',
    () => `${head()}${'X-Many: yes\r\n'.repeat(1_000)}\r\nx`,
    { text_body: 'x', defects: ['headers-too-many'] },
  ],
  [
    'a header of 10 MB',
    () => `${head({ 'X-Long': 'a'.repeat(10_000_000) })}\r\nx`,
    {
      subject: 'Inspection of span 4',
      defects: expect.arrayContaining(['unreadable']),
    },
  ],
  [
    'HTML 150,000 elements deep',
    () => `${head({ 'Content-Type': 'text/html' })}\r\n${'<div>'.repeat(150_000)}x`,
    { defects: ['html-too-complex'] },
  ],
  [
    '1 MB of angle brackets',
    () => `${head({ 'Content-Type': 'text/html' })}\r\n${'<'.repeat(mebibyte)}`,
    { defects: ['html-too-complex'] },
  ],
  [
    'a header line that names nothing',
    () => `${head()}: nothing\r\n\r\nx`,
    { text_body: 'x', malformed: false },
  ],
  ['30,000 recipients', () => `${head({ Cc: 'a@b.example, '.repeat(30_000) })}\r\nx`, { malformed: false }],
  ['an address that is none', () => `${head({ From: 'nobody' })}\r\nx`, { defects: ['from-invalid'] }],
  [
    '5,000 references',
    () =>
      `${head({ References: Array.from({ length: 5_000 }, (_, one) => `<${one}@r.example>`).join('\r\n ') })}\r\nx`,
    {
      thread_id: '0@r.example',
    },
  ],
  [
    'a file named by a path',
    () => file('../../../etc/passwd'),
    { attachments: [{ file_name: 'passwd' }], defects: ['file-name-changed'] },
  ],
  [
    'a file named by a path of Windows',
    () => file('C:\\\\Windows\\\\system32\\\\a.exe'),
    { attachments: [{ file_name: 'a.exe' }] },
  ],
  [
    'a name that reads backwards',
    () => file('invoice\u202efdp.exe'),
    { attachments: [{ file_name: 'invoicefdp.exe' }] },
  ],
  ['a file without a name', () => file('..'), { attachments: [{ file_name: 'file-1.pdf' }] }],
  [
    'winmail.dat',
    () =>
      multipart(
        'Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\neJ8+IgAA',
      ),
    {
      attachments: [{ file_name: 'winmail.dat', content_type: 'application/ms-tnef' }],
    },
  ],
  [
    'base64 that is none',
    () =>
      multipart(
        'Content-Type: application/x; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!! not base64 !!!!',
      ),
    {},
  ],
  [
    'a type that is none',
    () => multipart('Content-Type: <script>; name=a.html\r\nContent-Disposition: attachment\r\n\r\nx'),
    {
      attachments: [{ content_type: expect.stringMatching(/^[\w.+-]+\/[\w.+-]+$/) }],
    },
  ],
];

/** Mails that take a parser too long or too much memory: at most their header is read. */
export const endlessMails: readonly HostileMail[] = [
  [
    '190,000 list items',
    () => `${head({ 'Content-Type': 'text/html' })}\r\n<ul>${'<li>x'.repeat(190_000)}</ul>`,
    { subject: 'Inspection of span 4' },
  ],
  [
    'text that switches its letters 2,000,000 times',
    () =>
      `${head({ 'Content-Type': 'text/plain; charset=iso-2022-jp' })}\r\n${'\x1b$B%F\x1b(B'.repeat(2_000_000)}`,
    { subject: 'Inspection of span 4' },
  ],
  [
    '3,000,000 flowed lines',
    () =>
      `${head({ 'Content-Type': 'text/plain; format=flowed; delsp=yes' })}\r\n${'> a \r\n'.repeat(3_000_000)}`,
    { subject: 'Inspection of span 4' },
  ],
];

/** Mails that are large above all. */
export const hugeMails: readonly HostileMail[] = [
  ['a line of 20 MB', () => `${head()}\r\n${'a'.repeat(20_000_000)}`, { truncated: true, malformed: false }],
  [
    '24 MB of nothing in base64',
    () =>
      multipart(
        `Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n${`${'A'.repeat(76)}\r\n`.repeat(300_000)}`,
      ),
    {
      attachments: [{ file_name: 'a.zip', size_bytes: 17_100_000 }],
    },
  ],
  [
    'more than a document may hold',
    () => {
      const cells = (bytes: number) => Buffer.alloc(bytes, 0xff);
      const lines = Array.from({ length: 180 }, () => [
        Buffer.from('X-Long: '),
        cells(9_900),
        Buffer.from('\r\n'),
      ]);
      const body = (type: string) => [
        Buffer.from(`--b\r\nContent-Type: ${type}; charset=utf-8\r\n\r\n`),
        cells(1_500_000),
      ];
      return Buffer.concat([
        Buffer.from(head({ 'Content-Type': 'multipart/alternative; boundary=b' })),
        ...lines.flat(),
        Buffer.from('\r\n'),
        ...body('text/plain'),
        Buffer.from('\r\n'),
        ...body('text/html'),
        Buffer.from('\r\n--b--\r\n'),
      ]);
    },
    { subject: 'Inspection of span 4', malformed: true },
  ],
  [
    'a mail of 51 MiB',
    () => `${head()}\r\n${'a'.repeat(51 * mebibyte)}`,
    {
      subject: 'Inspection of span 4',
      defects: ['too-large'],
      size_bytes: expect.any(Number),
    },
  ],
];
