import { createConfinedJobs } from '@infratraq/confined-jobs';
import { accessForAllMembers } from '@infratraq/kernel';
import { afterAll, beforeAll } from '@jest/globals';
import { openObjects, type ObjectStore } from '@infratraq/objects';
import { useModels } from '@infratraq/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Bounce } from '../email/parsing/read-bounce.js';
import type { UnreadMail, UnsignedReport } from '../email/email-history-options.js';
import { EmailCommunication, EmailHistory, MailAddressing } from '../index.js';

export const mailbox = 'inbox@infratraq.example';

/** Gives a suite an email history over a database and object storage of its own. */
export function useEmailHistory() {
  const database = useModels(EmailCommunication);
  const confinedJobs = createConfinedJobs();
  const bounces: Bounce[] = [];
  const complaints: string[] = [];
  const unsigned: UnsignedReport[] = [];
  const unread: UnreadMail[] = [];
  const opened: { history?: EmailHistory; objects?: ObjectStore; folder?: string } = {};
  beforeAll(async () => {
    opened.folder = await mkdtemp(join(tmpdir(), 'mail-'));
    opened.objects = await openObjects(pathToFileURL(opened.folder).href);
    opened.history = new EmailHistory({
      models: database.models,
      access: accessForAllMembers,
      objects: opened.objects,
      addressing: new MailAddressing({ mailbox, secret: 'a secret of thirty-two characters' }),
      confinedJobs,
      onBounce: (bounce) => void bounces.push(bounce),
      onComplaint: ({ message_id }) => void complaints.push(message_id),
      onUnsignedReport: (report) => void unsigned.push(report),
      onUnread: (mail) => void unread.push(mail),
    });
  });
  afterAll(async () => {
    await confinedJobs.close();
    await opened.objects?.close();
    await rm(opened.folder as string, { recursive: true });
  });
  return {
    database,
    confinedJobs,
    bounces,
    complaints,
    unsigned,
    unread,
    get history() {
      return opened.history as EmailHistory;
    },
    get objects() {
      return opened.objects as ObjectStore;
    },
    /** Receives lines as a mail. */
    async receive(...lines: string[]) {
      const { mail, is_new } = await this.history.receive({ raw: Buffer.from(lines.join('\r\n')), mailbox });
      return { ...mail, is_new };
    },
    /** Everything in object storage, and how many mails there are. */
    async inventory() {
      const { objects } = await this.objects.list({ prefix: 'mail/', limit: 1_000 });
      return {
        keys: objects.map(({ key }) => key),
        mails: await database.models.of(EmailCommunication).countDocuments({}),
      };
    },
  };
}

/** The header lines that every mail of a test has. */
export function headersOf(id: string, more: Readonly<Record<string, string>> = {}): string[] {
  const headers = {
    From: 'Site Inspector <inspector@site.example>',
    To: mailbox,
    Date: 'Thu, 15 Jan 2026 09:00:00 +0100',
    Subject: 'Inspection of span 4',
    'Message-ID': `<${id}>`,
    ...more,
  };
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
}
