// Mail that comes in by HTTP and IMAP, kept with its entity, in a server of one's own.
import { accessForAllMembers } from '@infratraq/kernel';
import { openAttachments } from '@infratraq/attachments';
import { MailAddressing, openMessaging } from '@infratraq/messaging';
import { watchMailbox } from '@infratraq/messaging/imap'; // needs imapflow
import { createMailboxPositionRepository, messagingMigrations } from '@infratraq/messaging/postgres';
import { emailRoutes, inboundMailRoutes } from '@infratraq/messaging/routes';
import { openObjects } from '@infratraq/objects';
import { openPostgres } from '@infratraq/postgres';
import { registerTransport } from '@infratraq/transport/fastify';
import Fastify from 'fastify';

const mongodbUri = process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples';
const postgresUrl = process.env['POSTGRES_URL'] ?? 'postgres://127.0.0.1/examples';
const objects = await openObjects(process.env['OBJECTS_URL'] ?? 'file:///tmp/infratraq-files');
// Files of mails join the files of their entities; without the port `files` they stay with their mails.
const attached = await openAttachments({ mongodbUri, objects });
const addressing = new MailAddressing({
  mailbox: 'inbox@example.org',
  secret: 'signs references in subjects',
});
const { emails, close } = await openMessaging({
  mongodbUri,
  access: accessForAllMembers, // yours to decide per entity
  emails: { objects, addressing, files: attached.lent },
});

// IMAP: a mailbox is read and watched. PostgreSQL keeps the position up to which it was read.
const { postgres, close: closePostgres } = await openPostgres({ postgresUrl }, [messagingMigrations]);
const url = process.env['IMAP_URL']; // imaps://inbox:password@mail.example.org/INBOX
const positions = createMailboxPositionRepository(postgres);
const receive = emails.receive.bind(emails);
const watched = url && (await watchMailbox({ url, mailbox: addressing.mailbox, positions, receive }));

// HTTP: a mail server hands each mail over, with the secret.
const secret = 'shared with the mail server';
const app = Fastify();
// Your application decides whose token it is.
await app.register(registerTransport, {
  access: accessForAllMembers,
  authenticate: async (user_id) => ({ user_id, roles: ['member'] }),
});
await app.register(emailRoutes, { prefix: '/api/v1', emails });
await app.register(inboundMailRoutes, { prefix: '/api/v1', emails, secret });

const to = addressing.addressOf({ entity_type: 'projects', entity_id: '42' });
const payload = `From: inspector@site.example\r\nTo: ${to}\r\nSubject: Span 4\r\n\r\nThe crack is 2 mm wide.\r\n`;
const handOver = { method: 'POST', url: '/api/v1/hooks/mail/inbound', payload } as const;
const mailHeaders = { 'content-type': 'message/rfc822', 'x-mail-token': secret };
for (let attempt = 1; attempt <= 2; attempt += 1)
  console.log((await app.inject({ ...handOver, headers: mailHeaders })).statusCode); // 201, then 200: it is kept once

const headers = { authorization: 'Bearer u-manager-1' };
const read = async (path: string) => (await app.inject({ url: `/api/v1/${path}`, headers })).json();
for (const { email_id } of (await read('entities/projects/42/emails')).items) {
  const { subject, text_body } = await read(`emails/${email_id}`);
  console.log(`${subject}: ${text_body}`);
}

if (watched) await watched.close();
await app.close();
for (const closeOne of [close, attached.close, closePostgres]) await closeOne();
await objects.close();
