import multipart from '@fastify/multipart';
import {
  ForbiddenError,
  roleOver,
  type Actor,
  type EntityAccess,
  type EntityReference,
  type ScopeRole,
} from '@infratraq/kernel';
import type { Stored } from '@infratraq/mongo';
import { sendObject } from '@infratraq/objects/routes';
import { entityParameters, pageOf, pageQuery, requireActor, timestamp } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AttachmentMetadata } from '../collections/attachment-metadata.js';
import type { AttachmentService, FileChanger } from '../files/attachment-service.js';
import type { FileReference } from '../files/file-reference.js';
import { maximumLinkSeconds, type DownloadGrant, type DownloadTokens } from '../downloads/download-tokens.js';
import { receiveForm } from '../uploads/receive-form.js';
import { attachmentResponse, fileParameters, presentAttachment, versionQuery } from './route-schemas.js';

/** What the routes work with. */
interface AttachmentRoutesOptions {
  readonly attachments: AttachmentService;
  readonly tokens: DownloadTokens;
  /** Where these routes are reachable, up to and with their prefix; links are relative to the host when absent. */
  readonly baseUrl?: string;
  /** Whether the user for whom a link was made is still one; links of others end. Without it, every user is. */
  readonly isActive?: (user_id: string) => Promise<boolean>;
  /** Tells whether a link was revoked since it was made. @default never */
  readonly isRevoked?: (token: string, grant: DownloadGrant) => Promise<boolean>;
}

const versionsResponse = z.object({ versions: z.array(attachmentResponse) });
const contentResponse = {
  200: z.any().describe('The content, always as an attachment'),
  206: z.any().describe('The range asked for'),
  304: z.null().describe('The client has this version'),
  416: z.any().describe('The range is not within the content'),
};

/** Files on any entity: upload by form, list, versions, download, links, deletion. */
export const attachmentRoutes = defineRoutes<AttachmentRoutesOptions>(
  async (app, { attachments, tokens, baseUrl = '/api/v1', isActive, isRevoked }) => {
    await app.register(multipart);
    // Loaded late: other plugins `require` this module, which a module loader may refuse while it links ours.
    const { create: createDisposition } = await import('content-disposition');

    app.get(
      '/entities/:type/:id/attachments',
      {
        config: { entityRole: 'viewer' },
        schema: {
          summary: "List the current versions of an entity's files, newest first",
          tags: ['attachments'],
          params: entityParameters,
          querystring: pageQuery,
          response: { 200: pageOf(attachmentResponse) },
        },
      },
      async ({ params, query }) => {
        const { items, next_cursor } = await attachments.list(entityOf(params), query);
        return { items: items.map(presentAttachment), next_cursor };
      },
    );

    app.post(
      '/entities/:type/:id/attachments',
      {
        config: { entityRole: 'member', errors: [409, 413, 422] },
        schema: {
          summary:
            'Attach a file: a multipart form with optional fields description and sha256 before the file',
          tags: ['attachments'],
          consumes: ['multipart/form-data'],
          params: entityParameters,
          response: { 201: attachmentResponse },
        },
      },
      async (request, reply) => {
        const uploaded_by = requireActor().user_id;
        const stored = await receiveForm(attachments, request, reply, entityOf(request.params), {
          uploaded_by,
        });
        return reply.status(201).send(presentAttachment(stored));
      },
    );

    app.post(
      '/entities/:type/:id/attachments/:file_id/versions',
      {
        config: { entityRole: 'member', errors: [409, 413, 422] },
        schema: {
          summary: 'Attach the next version of a file, as a multipart form',
          tags: ['attachments'],
          consumes: ['multipart/form-data'],
          params: fileParameters,
          response: { 201: attachmentResponse },
        },
      },
      async (request, reply) => {
        const { file_id } = request.params;
        const uploader = { uploaded_by: requireActor().user_id, file_id };
        const stored = await receiveForm(attachments, request, reply, entityOf(request.params), uploader);
        return reply.status(201).send(presentAttachment(stored));
      },
    );

    app.get(
      '/entities/:type/:id/attachments/:file_id',
      {
        config: { entityRole: 'viewer' },
        schema: {
          summary: 'Read all versions of a file, the first one first',
          tags: ['attachments'],
          params: fileParameters,
          response: { 200: versionsResponse },
        },
      },
      async ({ params }) => presentVersions(await attachments.versions(fileOf(params))),
    );

    app.get(
      '/entities/:type/:id/attachments/:file_id/content',
      {
        config: { entityRole: 'viewer' },
        schema: {
          summary: 'Download a file or a range of it',
          tags: ['attachments'],
          params: fileParameters,
          querystring: versionQuery,
          response: contentResponse,
        },
      },
      async (request, reply) => {
        const found = await attachments.downloadable(fileOf(request.params), request.query.version);
        return sendContent(request, reply, found, requireActor().user_id);
      },
    );

    app.get(
      '/entities/:type/:id/attachments/:file_id/thumbnail',
      {
        config: { entityRole: 'viewer' },
        schema: {
          summary: 'Show a thumbnail of an image',
          tags: ['attachments'],
          params: fileParameters,
          querystring: versionQuery.extend({
            width: z.coerce.number().int().min(1).max(10_000).default(320).describe('Least width in pixels'),
          }),
          response: { ...contentResponse, 200: z.any().describe('The image, as WebP') },
        },
      },
      async (request, reply) => {
        const { width, version } = request.query;
        const { object_key, content_type } = await attachments.thumbnail(
          fileOf(request.params),
          width,
          version,
        );
        // Our own encoder made it, so its type is certain.
        const shown = { contentType: content_type, disposition: 'inline' };
        return sendObject(request, reply, attachments.objects, object_key, shown);
      },
    );

    app.post(
      '/entities/:type/:id/attachments/:file_id/links',
      {
        config: { entityRole: 'viewer' },
        schema: {
          summary: 'Make a link by which anybody can download a version, until it expires or you lose access',
          tags: ['attachments'],
          params: fileParameters,
          body: z.strictObject({
            version: z.number().int().min(1).optional(),
            expires_in_seconds: z.number().int().min(1).max(maximumLinkSeconds).default(900),
          }),
          response: { 201: z.object({ url: z.string(), expires_at: timestamp }) },
        },
      },
      async ({ params, body, ip }, reply) => {
        const { user_id, roles } = requireActor();
        const found = await attachments.downloadable(fileOf(params), body.version);
        const { url, expires_at } = tokens.link(baseUrl, found, { user_id, roles }, body.expires_in_seconds);
        await attachments.recordAccess(found, { user_id, action: 'link', ip_address: ip });
        return reply.status(201).send({ url, expires_at });
      },
    );

    app.get(
      '/attachments/content',
      {
        config: { public: true, errors: [403, 404] },
        schema: {
          summary: 'Download by a link',
          tags: ['attachments'],
          querystring: z.strictObject({ token: z.string().min(1).max(8_000) }),
          response: contentResponse,
        },
      },
      async (request, reply) => {
        const grant = tokens.verify(request.query.token);
        if (await isRevoked?.(request.query.token, grant))
          throw new ForbiddenError('This link was revoked; ask for a new one', 'attachment.link.revoked');
        const { version, user_id, roles, entity_type, entity_id, file_id } = grant;
        const file = { entity_type, entity_id, file_id };
        await requireSight(request.entityAccess, file, { user_id, roles, cause_id: request.actor.cause_id });
        return sendContent(request, reply, await attachments.downloadable(file, version), user_id);
      },
    );

    app.delete(
      '/entities/:type/:id/attachments/:file_id',
      {
        config: { entityRole: 'member' },
        schema: {
          summary: 'Delete a file; it can be restored for a while',
          tags: ['attachments'],
          params: fileParameters,
          response: { 200: versionsResponse },
        },
      },
      async ({ params, entityRole }) =>
        presentVersions(await attachments.remove(fileOf(params), changerOf(entityRole))),
    );

    app.post(
      '/entities/:type/:id/attachments/:file_id/restore',
      {
        config: { entityRole: 'member' },
        schema: {
          summary: 'Restore a deleted file',
          tags: ['attachments'],
          params: fileParameters,
          response: { 200: versionsResponse },
        },
      },
      async ({ params, entityRole }) =>
        presentVersions(await attachments.restore(fileOf(params), changerOf(entityRole))),
    );

    async function requireSight(
      access: EntityAccess,
      { entity_type, entity_id }: EntityReference,
      holder: Actor,
    ): Promise<void> {
      const isHeld = (await isActive?.(holder.user_id)) ?? true;
      if (!isHeld || !(await roleOver(access, holder, { entity_type, entity_id })))
        throw new ForbiddenError(
          'This link has been withdrawn; ask for a new one',
          'attachment.link.withdrawn',
        );
    }

    async function sendContent(
      request: FastifyRequest,
      reply: FastifyReply,
      attachment: Stored<AttachmentMetadata>,
      user_id: string,
    ): Promise<FastifyReply> {
      const { object_key, content_type, file_name } = attachment;
      const access = { user_id, ip_address: request.ip, is_part: request.headers.range !== undefined };
      if (request.method === 'GET')
        await attachments.recordAccess(attachment, { ...access, action: 'download' });
      const shown = { contentType: content_type, disposition: createDisposition(file_name) };
      return sendObject(request, reply, attachments.objects, object_key, shown);
    }
  },
);

function entityOf({ type, id }: { type: string; id: string }): EntityReference {
  return { entity_type: type, entity_id: id };
}

function fileOf({ type, id, file_id }: { type: string; id: string; file_id: string }): FileReference {
  return { entity_type: type, entity_id: id, file_id };
}

function changerOf(entityRole: ScopeRole | null): FileChanger {
  const { user_id, roles } = requireActor();
  return { user_id, roles, moderates: entityRole === 'manager' };
}

function presentVersions(versions: readonly Stored<AttachmentMetadata>[]) {
  return { versions: versions.map(presentAttachment) };
}
