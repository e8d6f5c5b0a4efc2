import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Dovecot,
  eventually,
  type FaultyLink,
  startDovecot,
  startToxiproxy,
  type Toxiproxy,
} from '@infratraq/engines';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchMailbox, type WatchedMailbox } from '../../imap.js';
import type { InboundMail } from '../../index.js';
import { appendMails, connectImap, HeldPositions } from '../../testing/imap-mailbox.js';
import { mailbox, useEmailHistory } from '../../testing/use-email-history.js';

const mails = useEmailHistory();

describe('a watched mailbox', () => {
  let [folder, dovecot, toxiproxy, link]: [string, Dovecot, Toxiproxy, FaultyLink] = [] as never;
  const positions = new HeldPositions();
  const arrivals = new EventEmitter();
  const faults = new EventEmitter();
  const lost: unknown[] = [];
  const received: string[] = [];
  let watched: WatchedMailbox;
  let sent = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dovecot-'));
    [dovecot, toxiproxy] = await Promise.all([startDovecot({ folder }), startToxiproxy()]);
    link = await toxiproxy.link(dovecot.port);
  }, 180_000);
  afterAll(async () => {
    await watched.close();
    await Promise.all([dovecot.stop(), toxiproxy.stop()]);
    await rm(folder, { recursive: true });
  });

  async function keep(mail: InboundMail) {
    const { mail: kept, is_new } = await mails.history.receive(mail);
    received.push(kept.message_id);
    arrivals.emit('received');
    if (is_new) arrivals.emit('mail', kept.message_id);
  }

  const start = (receive = keep) =>
    watchMailbox({
      url: dovecot.url.replace(String(dovecot.port), String(link.port)),
      mailbox,
      positions,
      receive,
      onError(error) {
        lost.push(error);
        faults.emit('fault');
      },
    });

  /** Puts new mails into the mailbox and answers their Message-IDs. */
  async function append(count: number, bytes?: number): Promise<string[]> {
    const ids = Array.from({ length: count }, () => `${(sent += 1)}@imap.example`);
    await appendMails(dovecot, ids, bytes);
    return ids;
  }

  async function arrived(ids: readonly string[]): Promise<void> {
    await eventually(
      () => received,
      (known) => ids.every((id) => known.includes(id)),
    );
  }

  async function stored(): Promise<string[]> {
    const { items } = await mails.history.listOfParticipant(mailbox, { limit: 1_000 });
    return items.map(({ message_id }) => message_id).sort();
  }

  it('gives what it holds, and new mail as soon as it comes, and leaves it unread', async () => {
    const before = await append(3);
    watched = await start();
    await arrived(before);
    for (let round = 0; round < 3; round += 1) await arrived(await append(2));
    expect(received).toHaveLength(9);
    const client = await connectImap(dovecot);
    expect(await client.status('INBOX', { messages: true, unseen: true })).toMatchObject({
      messages: 9,
      unseen: 9,
    });
    await client.logout();
  });

  it('loses and doubles nothing when connections break at any point', async () => {
    const ids = await append(20, 20_000);
    const heal = await link.poison('downstream', { type: 'limit_data', attributes: { bytes: 150_000 } });
    ids.push(...(await append(20, 20_000)));
    await Promise.race([once(arrivals, 'mail'), arrived(ids)]);
    await link.cut();
    ids.push(...(await append(5)));
    await link.restore();
    await heal();
    await arrived(ids);
    expect(await stored()).toEqual(
      Array.from({ length: sent }, (_, place) => `${place + 1}@imap.example`).sort(),
    );
  });

  it('goes on where it stopped, also when what was stored last was not noted', async () => {
    await watched.close();
    const ids = await append(4);
    received.length = 0;
    const dying = await start(async (mail) => {
      await keep(mail);
      // The process ends after the mail is stored and before its position is.
      if (received.length === 2) throw new Error('killed');
    });
    await eventually(() => received.length >= 2, Boolean);
    await dying.close();
    watched = await start();
    await arrived(ids);
    expect(received.length).toBeGreaterThanOrEqual(4);
    expect(received.filter((id) => !ids.includes(id))).toEqual([]);
    expect(await stored()).toHaveLength(sent);
  });

  it('hears of new mail again after the mail server was killed while nothing happened, and says why it was lost', async () => {
    await dovecot.kill();
    await once(faults, 'fault');
    expect(lost.at(-1)).toMatchObject({ code: 'mail.imap-unavailable' });
    dovecot = await startDovecot({ folder, port: dovecot.port });
    await arrived(await append(2));
    await arrived(await append(2));
    expect(await stored()).toHaveLength(sent);
  });

  it('reads all anew and doubles nothing when the server numbers its mails anew', async () => {
    const before = [...positions.held.values()][0]?.uid_validity;
    received.length = 0;
    await dovecot.stop();
    const inbox = join(folder, 'mail', dovecot.user);
    for (const name of await readdir(inbox))
      if (name.startsWith('dovecot')) await rm(join(inbox, name), { recursive: true });
    dovecot = await startDovecot({ folder, port: dovecot.port });
    await arrived(await append(1));
    // Noted once the last one is stored.
    const [position] = await eventually(
      async () => [...positions.held.values()],
      ([held]) => held?.uid_validity !== before && held?.last_uid === sent,
    );
    expect(position).toBeDefined();
    expect(new Set(received).size).toBe(sent);
    expect(await stored()).toHaveLength(sent);
  });
});
