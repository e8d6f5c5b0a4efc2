// Mail that comes in by HTTP and IMAP, kept with its entity, in a server of one's own.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AttachmentService, attachments, LentFiles } from '@infratraq/attachments';
import { EmailHistory, MailAddressing, messaging } from '@infratraq/messaging';
import { watchMailbox } from '@infratraq/messaging/imap'; // needs imapflow
import { createMailboxPositionRepository, messagingMigrations } from '@infratraq/messaging/postgres';
import { emailRoutes, inboundMailRoutes } from '@infratraq/messaging/routes';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';
import { openObjects } from '@infratraq/objects';
import { openPostgres } from '@infratraq/postgres';
import { registerTransport } from '@infratraq/transport/fastify';
import Fastify from 'fastify';

const { MONGODB_URI, POSTGRES_URL, OBJECTS_URL, IMAP_URL } = process.env;
const mongo = await connectMongo({ uri: MONGODB_URI ?? 'mongodb://127.0.0.1/examples' });
const postgresUrl = POSTGRES_URL ?? 'postgres://127.0.0.1/examples';
const { postgres, close } = await openPostgres({ postgresUrl }, [messagingMigrations]); // keeps how far a mailbox is read
const collections = [messaging, attachments].flatMap((category) => [...category.collections]);
const classes = collections.map((collection) => collection.class);
await applyIndexes(mongo.connection, classes);
const models = bindModels(mongo.connection, classes);
const objects = await openObjects(OBJECTS_URL ?? pathToFileURL(join(tmpdir(), 'infratraq-files')).href);

const secret = 'shared with whoever hands mail over';
const addressing = new MailAddressing({ mailbox: 'inbox@example.org', secret: 'signs references' });
// Or any EntityFiles; without it files stay with their mails.
const files = new LentFiles({ models, objects, attachments: new AttachmentService({ models, objects }) });
const emails = new EmailHistory({ models, objects, addressing, files });
const watched =
  IMAP_URL !== undefined && // imaps://inbox:password@mail.example.org/INBOX
  (await watchMailbox({
    url: IMAP_URL,
    mailbox: addressing.mailbox,
    positions: createMailboxPositionRepository(postgres),
    receive: (mail) => emails.receive(mail),
    onError: console.error,
  }));

const app = Fastify();
await app.register(registerTransport, {
  authenticate: async (token) => ({ user_id: token, roles: ['member'] }), // who has which token is yours to answer
});
await app.register(emailRoutes, { prefix: '/api/v1', emails });
await app.register(inboundMailRoutes, { prefix: '/api/v1', emails, secret });

const to = addressing.addressOf({ entity_type: 'projects', entity_id: '42' });
const mail = `From: inspector@site.example\r\nTo: ${to}\r\nSubject: Span 4\r\n\r\nThe crack is 2 mm wide.\r\n`;
const handOver = { method: 'POST', url: '/api/v1/hooks/mail/inbound', payload: mail } as const;
for (let tries = 1; tries <= 2; tries += 1) {
  const headers = { 'content-type': 'message/rfc822', 'x-mail-token': secret };
  console.log((await app.inject({ ...handOver, headers })).statusCode); // 201, then 200: it is kept once
}
const headers = { authorization: 'Bearer u-manager-1' };
const read = async (path: string) => (await app.inject({ url: `/api/v1/${path}`, headers })).json();
for (const { email_id } of (await read('entities/projects/42/emails')).items) {
  const { subject, text_body } = await read(`emails/${email_id}`);
  console.log(`${subject}: ${text_body}`);
}

if (watched) await watched.close();
await app.close();
await objects.close();
await close();
await mongo.close();
