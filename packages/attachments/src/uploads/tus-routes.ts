import { InfratraqError, InvalidInputError, parseInput, runAsActor, type Actor } from '@infratraq/kernel';
import { entityParameters, problemOf, requireActor } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { MemoryLocker, Server } from '@tus/server';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ResumableUploads, UploadReference } from './resumable-uploads.js';
import { cleanFileName } from '../files/clean-file-name.js';
import { attachmentInputSchema } from '../files/attachment-input.js';
import { TusStore } from './tus-store.js';

/** What the routes work with. */
interface TusRoutesOptions {
  readonly uploads: ResumableUploads;
}

const { description, sha256, file_id } = attachmentInputSchema.shape;
const metadataSchema = z.object({
  filename: z.string().min(1),
  filetype: z.string().max(255).nullish(),
  description: description.nullable(),
  sha256: sha256.nullable(),
  file_id: file_id.nullable(),
});

const protocolVersion = '1.0.0';
const extensions = ['creation', 'creation-with-upload', 'termination'];
const uploadErrors = [403, 404, 409, 412, 413, 415, 422, 429];

const uploadParameters = entityParameters.extend({ upload_id: z.string().min(1).max(100) });

/**
 * Resumable uploads by the tus protocol 1.0 (creation, creation-with-upload, termination). `Upload-Metadata` carries
 * `filename`, and if wanted `filetype`, `description`, `sha256` and `file_id` of the file whose next version it is. The
 * last answer names the file in `Attachment-File-Id` and `Attachment-Version`.
 */
export const tusRoutes = defineRoutes<TusRoutesOptions>(async (app, { uploads }) => {
  const request = new AsyncLocalStorage<{
    actor: Actor;
    entity_type: string;
    entity_id: string;
    path: string;
    setHeaders: (headers: Readonly<Record<string, string>>) => void;
    /** Names the file that the upload has become. */
    nameFile: (file: { readonly file_id: string; readonly version: number }) => void;
  }>();
  const current = () => request.getStore() as NonNullable<ReturnType<typeof request.getStore>>;
  const referenceOf = (upload_id: string): UploadReference => {
    const { actor, entity_type, entity_id } = current();
    return { upload_id, entity_type, entity_id, uploaded_by: actor.user_id };
  };
  const server = new Server({
    path: '/',
    datastore: new TusStore(uploads, referenceOf, extensions),
    locker: new MemoryLocker(),
    // Other origins are the application's to admit, not this server's.
    allowedOrigins: () => false,
    generateUrl: (_request, { id }) => `${current().path}/${id}`,
    namingFunction: async (incoming, metadata) => {
      const { filename, filetype, description, sha256, file_id } = readMetadata(metadata);
      return uploads.begin(current(), {
        file_name: filename,
        declared_content_type: filetype ?? undefined,
        description: description ?? undefined,
        sha256: sha256 ?? undefined,
        file_id: file_id ?? undefined,
        size_bytes: readLength(incoming.headers.get('upload-length')),
        uploaded_by: current().actor.user_id,
      });
    },
    // The last response may be lost, or storage briefly away: the next request completes the upload.
    onIncomingRequest: async (incoming, id) => {
      if (incoming.method !== 'HEAD') return;
      const { received_bytes, size_bytes } = await uploads.find(referenceOf(id));
      if (received_bytes === size_bytes) current().nameFile(await uploads.complete(referenceOf(id)));
    },
    onUploadFinish: async (_request, { id }) => {
      current().nameFile(await uploads.complete(referenceOf(id)));
      return {};
    },
    onResponseError: (_request, error) => {
      if (error instanceof InfratraqError) current().setHeaders(error.headers);
      const answer = problemOf(nameFault(error));
      if (answer.status >= 500) app.log.error({ err: error }, answer.detail);
      return { status_code: answer.status, body: JSON.stringify(answer) };
    },
  });
  app.addContentTypeParser('application/offset+octet-stream', (_request, _payload, done) => done(null));

  const handle = async (incoming: FastifyRequest, reply: FastifyReply, path: string): Promise<void> => {
    const { type, id } = incoming.params as z.output<typeof entityParameters>;
    const actor = requireActor();
    checkHeaders(incoming, reply);
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value);
    const nameFile = ({ file_id, version }: { readonly file_id: string; readonly version: number }) => {
      reply.raw.setHeader('Attachment-File-Id', file_id);
      reply.raw.setHeader('Attachment-Version', version);
    };
    const setHeaders = (headers: Readonly<Record<string, string>>) =>
      Object.entries(headers).forEach(([name, value]) => reply.raw.setHeader(name, value));
    await request.run({ actor, entity_type: type, entity_id: id, path, setHeaders, nameFile }, () =>
      runAsActor(actor, () => server.handle(incoming.raw, reply.raw)),
    );
  };

  for (const [url, params] of [
    ['/entities/:type/:id/attachments/uploads', entityParameters],
    ['/entities/:type/:id/attachments/uploads/:upload_id', uploadParameters],
  ] as const)
    app.options(
      url,
      {
        config: { public: true },
        schema: {
          summary: 'Ask what of the tus protocol is spoken here',
          tags: ['attachments'],
          params,
          response: { 204: z.null().describe('Tus-Version and Tus-Extension tell') },
        },
      },
      async (_request, reply) =>
        reply
          .status(204)
          .headers({
            'tus-resumable': protocolVersion,
            'tus-version': protocolVersion,
            'tus-extension': extensions.join(','),
          })
          .send(null),
    );

  app.post(
    '/entities/:type/:id/attachments/uploads',
    {
      config: { entityRole: 'member', errors: uploadErrors },
      schema: {
        summary: 'Begin a resumable upload (tus 1.0)',
        tags: ['attachments'],
        params: entityParameters,
        response: { 201: z.any().describe('The upload’s address is in Location') },
      },
    },
    (incoming, reply) => handle(incoming, reply, pathOf(incoming)),
  );

  app.route({
    method: ['HEAD', 'PATCH', 'DELETE'],
    url: '/entities/:type/:id/attachments/uploads/:upload_id',
    config: { entityRole: 'member', errors: uploadErrors },
    schema: {
      summary: 'Ask for the offset of a resumable upload, continue it, or give it up (tus 1.0)',
      tags: ['attachments'],
      params: uploadParameters,
      response: {
        200: z.any().describe('Upload-Offset tells where it stands'),
        204: z.any().describe('Done'),
      },
    },
    handler: (incoming, reply) => handle(incoming, reply, pathOf(incoming).replace(/\/[^/]+$/, '')),
  });
});

function pathOf({ url }: FastifyRequest): string {
  return url.replace(/[?#].*$/, '').replace(/\/$/, '');
}

function readMetadata(metadata: Record<string, string | null> | undefined) {
  const { filename } = metadata ?? {};
  const named = filename ? { ...metadata, filename: cleanFileName(filename) } : (metadata ?? {});
  return parseInput(metadataSchema, named, 'attachment.upload-metadata');
}

/** Refuses what the protocol's server would refuse without a code. */
function checkHeaders({ method, headers }: FastifyRequest, reply: FastifyReply): void {
  if (headers['tus-resumable'] !== protocolVersion) {
    reply.header('tus-version', protocolVersion);
    throw new InfratraqError(
      'attachment.upload-protocol',
      `Send Tus-Resumable: ${protocolVersion}, the version of the protocol that is spoken here`,
      { status: 412 },
    );
  }
  if (method === 'POST') readLength((headers['upload-length'] as string | undefined) ?? null);
  if (headers['upload-concat'] !== undefined)
    throw new InvalidInputError('Upload a file as a whole, in as many pieces as you like', {
      code: 'attachment.upload-whole',
    });
  if (method === 'PATCH' && !/^\d{1,15}$/.test(String(headers['upload-offset'])))
    throw new InvalidInputError('Upload-Offset is the number of bytes that have arrived', {
      code: 'attachment.upload-offset',
    });
}

interface ProtocolFault {
  readonly status_code: number;
  readonly body: string;
}

/** Gives a refusal of the protocol's server the shape of ours, which are passed on. */
function nameFault(error: Error | ProtocolFault): unknown {
  if (!('status_code' in error)) return error;
  const { status_code, body } = error as ProtocolFault;
  const refusals = {
    404: { code: 'attachment.upload-not-found', status: 404 },
    409: { code: 'attachment.upload-offset', status: 409 },
    413: { code: 'attachment.too-large', status: 413 },
    415: { code: 'request.media-type', status: 415 },
  } as const;
  const { code, status } = refusals[status_code as keyof typeof refusals] ?? {
    code: 'attachment.upload-request',
    status: status_code < 500 ? (400 as const) : (500 as const),
  };
  return new InfratraqError(code, body.trim(), { status });
}

function readLength(header: string | null): number {
  const length = Number(header);
  if (header !== null && /^\d+$/.test(header) && Number.isSafeInteger(length) && length > 0) return length;
  throw new InvalidInputError('Upload-Length is the number of bytes, 1 or more', {
    code: 'attachment.upload-length',
  });
}
