import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Dovecot, eventually, startDovecot } from '@infratraq/engines';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchMailbox, type WatchedMailbox } from '../../imap.js';
import { appendMails, HeldPositions } from '../../testing/imap-mailbox.js';
import { mailbox } from '../../testing/use-email-history.js';

let watched: WatchedMailbox | undefined;
afterEach(() => watched?.close());

/** Watches a mailbox until its first mail or its first fault. */
function watchOnce(url: string, certificateAuthorities?: string): Promise<string | Error> {
  return new Promise((resolve, reject) => {
    watchMailbox({
      url,
      mailbox,
      positions: new HeldPositions(),
      ...(certificateAuthorities !== undefined && { certificateAuthorities }),
      receive: async ({ raw }) => resolve(raw.toString()),
      onError: (error) => resolve(error as Error),
    }).then((open) => (watched = open), reject);
  });
}

describe.each(['implicit', 'starttls'] as const)('a mailbox that is encrypted (%s)', (encryption) => {
  let [folder, dovecot] = [] as unknown as [string, Dovecot];
  const log: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dovecot-'));
    dovecot = await startDovecot({ folder, encryption }, (line) => log.push(line));
    await appendMails(dovecot, ['encrypted@imap.example']);
  }, 60_000);
  afterAll(async () => {
    await dovecot.stop();
    await rm(folder, { recursive: true });
  });

  it('is read by who trusts its certificate, and every login is encrypted', async () => {
    expect(await watchOnce(dovecot.url, dovecot.certificate)).toContain('encrypted@imap.example');
    // The server's log comes by another way than its answers.
    const logins = await eventually(
      async () => log.filter((line) => line.includes('Login: user=<inbox>')),
      ({ length }) => length > 1,
    );
    expect(logins.filter((line) => !/\bTLS\b/.test(line))).toEqual([]);
  });

  it('is not read by who does not trust its certificate, and says why', async () => {
    const logins = log.filter((line) => line.includes('Login: ')).length;
    const fault = await watchOnce(dovecot.url);
    expect(fault).toMatchObject({ code: 'mail.imap-certificate' });
    expect((fault as Error).message).toMatch(/inbox@127\.0\.0\.2.*NODE_EXTRA_CA_CERTS/);
    expect(log.filter((line) => line.includes('Login: '))).toHaveLength(logins);
  });

  it('says when password or folder are not right, and never tells the password', async () => {
    const wrong = await watchOnce(dovecot.url.replace('inbox-password', 'guessed'), dovecot.certificate);
    expect(wrong).toMatchObject({ code: 'mail.imap-login' });
    expect((wrong as Error).message).not.toContain('guessed');
    await watched?.close();
    expect(await watchOnce(dovecot.url.replace('/INBOX', '/Nowhere'), dovecot.certificate)).toMatchObject({
      code: 'mail.imap-folder',
    });
  });
});

describe('a mailbox whose certificate names another host', () => {
  it('is not read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dovecot-'));
    const dovecot = await startDovecot({ folder, encryption: 'implicit' });
    const elsewhere = dovecot.url.replace('127.0.0.2', '127.0.0.1');
    expect(await watchOnce(elsewhere, dovecot.certificate)).toMatchObject({ code: 'mail.imap-certificate' });
    await watched?.close();
    await dovecot.stop();
    await rm(folder, { recursive: true });
  });
});

describe('a mailbox on another machine without encryption', () => {
  it('never gets the password', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dovecot-'));
    const log: string[] = [];
    const dovecot = await startDovecot({ folder }, (line) => log.push(line));
    expect(await watchOnce(dovecot.url.replace('127.0.0.1', '127.0.0.2'))).toMatchObject({
      code: 'mail.imap-unencrypted',
    });
    await watched?.close();
    await dovecot.stop();
    expect(log.join('\n')).not.toMatch(/user=<inbox>/);
    await rm(folder, { recursive: true });
  });
});
