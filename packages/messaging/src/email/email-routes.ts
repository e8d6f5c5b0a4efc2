import { ForbiddenError, NotFoundError, roleOver, type Role } from '@infratraq/kernel';
import type { Page, Stored } from '@infratraq/mongo';
import { sendObject } from '@infratraq/objects/routes';
import { entityParameters, pageOf, pageQuery, requireActor } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import type { EmailCommunication } from '../collections/email-communication.js';
import type { EmailHistory } from './email-history.js';
import { emailResponse, emailSummary, presentEmail, presentSummary } from './present-email.js';

/** What the routes work with. */
export interface EmailRoutesOptions {
  readonly emails: EmailHistory;
}

// Raw mail names blind recipients, and mail without an entity may be about anything.
const trustedRoles: readonly Role[] = ['operator', 'auditor', 'admin'];
const emailParameters = z.strictObject({ email_id: z.string().min(1).max(100) });
const emailPage = pageOf(emailSummary);
const contentResponse = {
  200: z.any().describe('The content, always as an attachment'),
  206: z.any().describe('The range asked for'),
  304: z.null().describe('The client has it'),
  416: z.any().describe('The range is not within the content'),
};

/** The history of mails: by entity, by conversation, one by one, with their files. */
export const emailRoutes = defineRoutes<EmailRoutesOptions>(async (app, { emails }) => {
  app.get(
    '/entities/:type/:id/emails',
    {
      config: { entityRole: 'viewer' },
      schema: {
        summary: 'List the mails about an entity, newest first',
        tags: ['messaging'],
        params: entityParameters,
        querystring: pageQuery,
        response: { 200: emailPage },
      },
    },
    async ({ params: { type, id }, query }) =>
      presentPage(await emails.listOfEntity({ entity_type: type, entity_id: id }, query)),
  );

  app.get(
    '/entities/:type/:id/emails/address',
    {
      config: { entityRole: 'viewer' },
      schema: {
        summary: 'Tell how mail is brought to an entity',
        tags: ['messaging'],
        params: entityParameters,
        response: {
          200: z.object({
            address: z.string().optional().describe('Mail to this address is about the entity'),
            reference: z.string().optional().describe('A subject that holds this brings any mail there'),
          }),
        },
      },
    },
    async ({ params: { type, id } }) => {
      const entity = { entity_type: type, entity_id: id };
      const { addressing } = emails;
      const [address, reference] = [addressing.addressOf(entity), addressing.tokenOf(entity)];
      return { ...(address && { address }), ...(reference && { reference }) };
    },
  );

  app.get(
    '/emails',
    {
      config: { roles: trustedRoles },
      schema: {
        summary: 'List mails of an address, or those that break the format, newest first',
        tags: ['messaging'],
        querystring: pageQuery.extend({
          participant: z.string().min(3).max(320).optional().describe('Malformed mails when absent'),
        }),
        response: { 200: emailPage },
      },
    },
    async ({ query: { participant, ...page } }) =>
      presentPage(
        await (participant === undefined
          ? emails.listMalformed(page)
          : emails.listOfParticipant(participant, page)),
      ),
  );

  app.get(
    '/emails/:email_id',
    {
      config: { access: 'scopes' },
      schema: {
        summary: 'Read a mail',
        tags: ['messaging'],
        params: emailParameters,
        response: { 200: emailResponse },
      },
    },
    async ({ params }) => presentEmail(await findReadable(emails, params.email_id)),
  );

  app.get(
    '/emails/:email_id/conversation',
    {
      config: { access: 'scopes' },
      schema: {
        summary: 'List the mails of the conversation that a mail belongs to, oldest first',
        tags: ['messaging'],
        params: emailParameters,
        querystring: pageQuery,
        response: { 200: emailPage },
      },
    },
    async ({ params, query }) => {
      const { thread_id } = await findReadable(emails, params.email_id);
      const viewer = isTrusted() ? 'everything' : requireActor();
      return presentPage(await emails.listConversation(thread_id, query, viewer));
    },
  );

  app.get(
    '/emails/:email_id/raw',
    {
      config: { roles: trustedRoles },
      schema: {
        summary: 'Fetch a mail as it came',
        tags: ['messaging'],
        params: emailParameters,
        response: contentResponse,
      },
    },
    async (request, reply) => {
      const { raw_object_key } = await emails.find(request.params.email_id);
      if (!raw_object_key)
        throw new NotFoundError('Mails that were sent are not kept as they went', 'mail.raw-unknown');
      const contentType = 'application/octet-stream';
      return sendObject(request, reply, emails.objects, raw_object_key, {
        contentType,
        disposition: dispositionOf(`${request.params.email_id}.eml`),
      });
    },
  );

  app.get(
    '/emails/:email_id/files/:place',
    {
      config: { access: 'scopes' },
      schema: {
        summary: 'Fetch a file of a mail',
        tags: ['messaging'],
        params: emailParameters.extend({ place: z.coerce.number().int().min(0).describe('From 0') }),
        response: contentResponse,
      },
    },
    async (request, reply) => {
      const mail = await findReadable(emails, request.params.email_id);
      const is_part = request.headers.range !== undefined;
      const access = { user_id: requireActor().user_id, ip_address: request.ip, is_part };
      const { place } = request.params;
      const file = await emails.fetchFile(mail, place, request.method === 'GET' ? access : undefined);
      return sendObject(request, reply, emails.objects, file.object_key, {
        contentType: file.content_type,
        disposition: dispositionOf(file.file_name),
      });
    },
  );
});

async function findReadable(emails: EmailHistory, emailId: string): Promise<Stored<EmailCommunication>> {
  const mail = await emails.find(emailId);
  if (isTrusted()) return mail;
  const { entity_type, entity_id } = mail;
  if (entity_type === undefined || entity_id === undefined)
    throw new ForbiddenError(
      `Mail without an entity needs the role ${trustedRoles.join(' or ')}`,
      'mail.forbidden',
    );
  if (await roleOver(emails.access, requireActor(), { entity_type, entity_id })) return mail;
  throw new NotFoundError(`There is no mail ${emailId}`, 'mail.unknown');
}

function isTrusted(): boolean {
  return requireActor().roles.some((role) => trustedRoles.includes(role));
}

function presentPage({ items, next_cursor }: Page<Stored<EmailCommunication>>) {
  return { items: items.map(presentSummary), next_cursor };
}

function dispositionOf(fileName: string): string {
  const encoded = encodeURIComponent(fileName).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename*=UTF-8''${encoded}`;
}
