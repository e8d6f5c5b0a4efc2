import { describe, expect, it } from '@jest/globals';
import { cleanLine, cleanText } from './mail-headers.js';
import { readMail } from './read-mail.js';

const head = [
  'From: Ada <ada@example.org>',
  'To: b@example.org',
  'Message-ID: <1@example.org>',
  'MIME-Version: 1.0',
];
const read = (...lines: (string | Buffer)[]) =>
  readMail(
    Buffer.concat(
      [...head, ...lines].map((line) =>
        Buffer.concat([Buffer.from(line as string, 'latin1'), Buffer.from('\r\n')]),
      ),
    ),
  );
const part = (type: string, ...more: string[]) => ['--b', `Content-Type: ${type}`, ...more, '', 'x'];
const multipart = (...lines: string[]) =>
  read(
    'Subject: files',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    ...part('text/plain'),
    ...lines,
    '--b--',
  );

describe('a part without a name', () => {
  it('gets its place and the extension of its type', async () => {
    const disposition = 'Content-Disposition: attachment';
    const { files } = await multipart(
      ...part('image/png', disposition),
      ...part('application/pdf', disposition),
      ...part('text/calendar', disposition),
      ...part('message/rfc822', disposition),
      ...part('application/x-unheard-of', disposition),
    );
    expect(files.map(({ file_name }) => file_name)).toEqual([
      'file-1.png',
      'file-2.pdf',
      'file-3.ics',
      'file-4.eml',
      'file-5.bin',
    ]);
  });
});

it.each([
  ['application/ms-tnef'],
  ['application/vnd.ms-tnef'],
  ['application/octet-stream; name=winmail.dat'],
])('an Outlook container (%s) is kept as it is, and said to be unopened', async (type) => {
  const { files, defects } = await multipart(...part(type, 'Content-Disposition: attachment'));
  expect(files.map(({ file_name }) => file_name)).toEqual(['winmail.dat']);
  expect(defects).toContain('winmail-unopened');
});

describe('a Japanese mail that does not say how it is written', () => {
  const japanese = '\x1b$B%F%9%H\x1b(B';

  it.each([['Content-Type: text/plain'], ['Content-Type: text/plain; charset=us-ascii'], ['X-Nothing: 1']])(
    'is decoded: %s',
    async (type) => {
      const { subject, text } = await read(`Subject: ${japanese} 1`, type, '', `${japanese} ok`);
      expect([subject, text.trim()]).toEqual(['テスト 1', 'テスト ok']);
    },
  );

  it('leaves other texts alone', async () => {
    const { text } = await read('Subject: x', 'Content-Type: text/plain; charset=utf-8', '', 'a $B b (B');
    expect(text.trim()).toBe('a $B b (B');
  });
});

describe('texts of mails', () => {
  it('have header values of one line, which screens and other mails can take', async () => {
    const { headers } = await read('X-Odd\0\x07: a\x1b[31m\tb\x07\0c ', 'Subject: x', '', 'x');
    expect(headers.first('x-odd\ufffd')).toBe('a [31m b \ufffdc');
  });

  it('have subjects and names of one line', async () => {
    const { subject } = await read('Subject: =?utf-8?Q?Pay=0D=0ABcc:=20x=09y?=', '', 'x');
    expect(subject).toBe('Pay Bcc: x y');
    expect(cleanLine(' a\r\n\tb\0c ', 100)).toBe('a b\ufffdc');
  });

  it('are cut between characters', () => {
    const family = '👨‍👩‍👧‍👦';
    for (let longest = 1; longest < 60; longest += 1) {
      const cut = cleanText(`ab${family.repeat(5)}`, longest);
      expect(cut.replaceAll(family, '')).toBe('ab'.slice(0, longest));
      expect(cut.length).toBeLessThanOrEqual(longest);
    }
    const long = `${'x'.repeat(999_990)}${family}${'y'.repeat(50)}`;
    expect(cleanText(long, 1_000_000)).toBe('x'.repeat(999_990));
  });
});
