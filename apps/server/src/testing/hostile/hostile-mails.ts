import { gzipSync } from 'node:zlib';
import { zipOf } from './hostile-files.js';

/** Something that means harm, by what it is. */
export type Hostile = readonly [name: string, make: () => string | Buffer];

let made = 0;

function head(more: Readonly<Record<string, string>> = {}): string {
  const headers = {
    From: 'Stranger <stranger@site.example>',
    To: 'inbox+projects.42@infratraq.example',
    Date: 'Thu, 15 Jan 2026 09:00:00 +0100',
    Subject: 'Inspection of span 4',
    'Message-ID': `<hostile-${(made += 1)}@site.example>`,
    'MIME-Version': '1.0',
    ...more,
  };
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}

const mebibyte = 1024 * 1024;
const plain = (body: string, more: Readonly<Record<string, string>> = {}) => `${head(more)}\r\n${body}`;
const html = (body: string) => plain(body, { 'Content-Type': 'text/html; charset=utf-8' });
const multipart = (parts: readonly string[], kind = 'mixed') =>
  `${head({ 'Content-Type': `multipart/${kind}; boundary=b` })}\r\n${parts.map((part) => `--b\r\n${part}\r\n`).join('')}--b--\r\n`;
const file = (name: string, content: Buffer) =>
  multipart([
    `Content-Type: application/octet-stream; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${content.toString('base64').replaceAll(/.{76}/g, '$&\r\n')}`,
  ]);
const nested = (depth: number, type: (level: number) => string, before: (level: number) => string) =>
  `${head({ 'Content-Type': type(0) })}\r\n${Array.from({ length: depth }, (_, level) => `${before(level)}Content-Type: ${type(level + 1)}\r\n\r\n`).join('')}deep`;
const report = (kind: string, part: string) =>
  `${head({ 'Content-Type': `multipart/report; report-type=${kind}; boundary=b` })}\r\n--b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/${kind}\r\n\r\n${part}\r\n--b--\r\n`;

/** Mails that strangers may send. */
export const hostileMails: readonly Hostile[] = [
  ['190,000 list items', () => html(`<ul>${'<li>x'.repeat(190_000)}</ul>`)],
  ['150,000 elements in one another', () => html('<div>'.repeat(150_000))],
  ['40,000 tables in one another', () => html('<table><tr><td>'.repeat(40_000))],
  ['a mebibyte of angle brackets', () => html('<'.repeat(mebibyte))],
  ['100,000 comments that do not end', () => html('<!--'.repeat(100_000))],
  ['200,000 entities', () => html('&amp;&lt;&#x1F600;'.repeat(70_000))],
  ['a style of a mebibyte', () => html(`<p style="${'color:red;'.repeat(100_000)}">x</p>`)],
  ['50,000 styles', () => html('<b style="color:red;margin:1px 2px">x</b>'.repeat(25_000))],
  ['100,000 links', () => html('<a href="http://x.example/?a=1&b=2">x</a>'.repeat(24_000))],
  ['an attribute that does not end', () => html(`<a href="${'x'.repeat(mebibyte)}`)],
  ['100,000 quotes in one another', () => html('<blockquote>'.repeat(80_000))],
  ['200,000 addresses in text', () => plain('http://x.example/a?b=c '.repeat(200_000))],
  [
    'multiparts 200 deep',
    () =>
      nested(
        200,
        (level) => `multipart/mixed; boundary=b${level}`,
        (level) => `--b${level}\r\n`,
      ),
  ],
  [
    'multiparts 20,000 deep',
    () =>
      nested(
        20_000,
        (level) => `multipart/mixed; boundary=b${level}`,
        (level) => `--b${level}\r\n`,
      ),
  ],
  [
    'mails 200 deep in one another',
    () =>
      nested(
        200,
        () => 'message/rfc822',
        () => head(),
      ),
  ],
  [
    'mails 20,000 deep in one another',
    () =>
      nested(
        20_000,
        () => 'message/rfc822',
        () => '',
      ),
  ],
  [
    '50,000 parts',
    () => multipart(Array.from({ length: 50_000 }, () => 'Content-Type: application/x\r\n\r\nx')),
  ],
  [
    '50,000 alternatives',
    () =>
      multipart(
        Array.from({ length: 50_000 }, () => 'Content-Type: text/html\r\n\r\n<p>x'),
        'alternative',
      ),
  ],
  [
    '2,000,000 boundaries',
    () => `${head({ 'Content-Type': 'multipart/mixed; boundary=b' })}\r\n${'--b\r\n'.repeat(2_000_000)}`,
  ],
  [
    'a boundary that never comes',
    () => plain('x'.repeat(5 * mebibyte), { 'Content-Type': 'multipart/mixed; boundary=never' }),
  ],
  ['100,000 headers', () => `${head()}${'X-Many: yes\r\n'.repeat(100_000)}\r\nx`],
  ['a header of 10 MiB', () => plain('x', { 'X-Long': 'a'.repeat(10 * mebibyte) })],
  ['a header of 1,000,000 lines', () => `${head()}X-Folded: a\r\n${' b\r\n'.repeat(1_000_000)}\r\nx`],
  ['a header of encoded words', () => plain('x', { Subject: '=?utf-8?q?=41?= '.repeat(100_000) })],
  [
    'a parameter in 50,000 parts',
    () =>
      plain('x', {
        'Content-Type': `text/plain; ${Array.from({ length: 50_000 }, (_, part) => `name*${part}=a`).join('; ')}`,
      }),
  ],
  ['an address in 200,000 brackets', () => plain('x', { From: `${'('.repeat(200_000)}a@b.example` })],
  ['an address with a quote of a mebibyte', () => plain('x', { From: `"${'\\"'.repeat(mebibyte / 2)}` })],
  ['100,000 recipients', () => plain('x', { Cc: 'a@b.example, '.repeat(100_000) })],
  ['100,000 groups of recipients', () => plain('x', { Cc: 'g: a@b.example;, '.repeat(60_000) })],
  [
    '100,000 references',
    () =>
      plain('x', { References: Array.from({ length: 50_000 }, (_, id) => `<${id}@r.example>`).join(' ') }),
  ],
  [
    'base64 that is none',
    () => plain('!=?*'.repeat(4 * mebibyte), { 'Content-Transfer-Encoding': 'base64' }),
  ],
  [
    'quoted-printable of line ends',
    () => plain('=\r\n'.repeat(5_000_000), { 'Content-Transfer-Encoding': 'quoted-printable' }),
  ],
  [
    'quoted-printable of one line',
    () => plain('=41'.repeat(5_000_000), { 'Content-Transfer-Encoding': 'quoted-printable' }),
  ],
  ['a line of 20 MiB', () => plain('a'.repeat(20 * mebibyte))],
  [
    '5,000,000 flowed lines',
    () => plain('> a \r\n'.repeat(3_000_000), { 'Content-Type': 'text/plain; format=flowed; delsp=yes' }),
  ],
  [
    'Japanese that switches 3,000,000 times',
    () => plain('\x1b$B%F\x1b(B'.repeat(2_000_000), { 'Content-Type': 'text/plain; charset=iso-2022-jp' }),
  ],
  ['UTF-7', () => plain('+AGE-'.repeat(2_000_000), { 'Content-Type': 'text/plain; charset=utf-7' })],
  ['5 MiB of NUL', () => plain('\0'.repeat(5 * mebibyte))],
  [
    'an Outlook container that lies about its sizes',
    () =>
      file(
        'winmail.dat',
        Buffer.concat([Buffer.from('789f3e220100', 'hex'), Buffer.alloc(2 * mebibyte, 0xff)]),
      ),
  ],
  ['a zip bomb', () => file('a.zip', zipOf('a.txt', Buffer.alloc(50 * mebibyte)))],
  ['a tar bomb', () => file('a.tar.gz', gzipSync(Buffer.alloc(50 * mebibyte)))],
  ['a file of 18 MiB', () => file('a.bin', Buffer.alloc(18 * mebibyte, 'content'))],
  [
    'a bounce of 400,000 recipients',
    () =>
      report(
        'delivery-status',
        'Final-Recipient: rfc822; a@b.example\r\nStatus: 5.1.1\r\n\r\n'.repeat(200_000),
      ),
  ],
  [
    'a complaint whose field does not end',
    () => report('feedback-report', `Feedback-Type: abuse\r\nMessage-ID: <${'a'.repeat(5 * mebibyte)}`),
  ],
];
