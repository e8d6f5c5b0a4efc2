import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startDovecot, startMailpit, type Dovecot, type Mailpit } from '../index.js';

/** Sends lines one by one, each after the answer to the one before, and returns all answers. */
async function converse(port: number, lines: readonly string[], isAnswer: RegExp): Promise<string[]> {
  const socket = connect(port, '127.0.0.1');
  const answers: string[] = [];
  const waiting = [...lines];
  createInterface({ input: socket }).on('line', (answer) => {
    answers.push(answer);
    if (!isAnswer.test(answer)) return;
    const next = waiting.shift();
    if (next === undefined) socket.end();
    else socket.write(`${next}\r\n`);
  });
  await once(socket, 'close');
  return answers;
}

describe('the mail servers', () => {
  let folder: string;
  let mailpit: Mailpit;
  let dovecot: Dovecot;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dovecot-'));
    [mailpit, dovecot] = await Promise.all([startMailpit(), startDovecot({ folder })]);
  }, 180_000);
  afterAll(async () => {
    await Promise.all([mailpit.stop(), dovecot.stop()]);
    await rm(folder, { recursive: true });
  });

  it('show what arrived by SMTP', async () => {
    const mail = 'Subject: Level crossing\r\n\r\nclosed\r\n.';
    const lines = ['HELO here', 'MAIL FROM:<a@b.example>', 'RCPT TO:<c@d.example>', 'DATA', mail, 'QUIT'];
    await converse(Number(new URL(mailpit.smtpUrl).port), lines, /^\d{3} /);
    const response = await fetch(`${mailpit.url}/api/v1/messages`);
    expect(await response.json()).toMatchObject({ messages: [{ Subject: 'Level crossing' }] });
  });

  it('keep mail for IMAP, also when they are killed', async () => {
    const login = `a LOGIN ${dovecot.user} ${dovecot.password}`;
    const mail = 'Subject: Culvert\r\n\r\ncracked';
    const append = ['b APPEND INBOX {' + mail.length + '}', mail];
    const isAnswer = /^(\* OK|\+|[a-z] )/;
    expect(await converse(dovecot.port, [login, ...append, 'c LOGOUT'], isAnswer)).toContainEqual(
      expect.stringMatching(/^b OK/),
    );
    await dovecot.kill();
    dovecot = await startDovecot({ folder, port: dovecot.port });
    expect(
      await converse(dovecot.port, [login, 'b EXAMINE INBOX', 'c LOGOUT'], /^(\* OK \[CAP|[a-z] )/),
    ).toContain('* 1 EXISTS');
  });
});
