import { accessForAllMembers, InfratraqError, type Role } from '@infratraq/kernel';
import { openObjects, type ObjectStore } from '@infratraq/objects';
import { useModels } from '@infratraq/testing';
import { UnauthenticatedError } from '@infratraq/transport';
import { registerTransport } from '@infratraq/transport/fastify';
import { afterAll, beforeAll } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { z } from 'zod';
import type { AttachmentEvent, AttachmentOptions } from '../files/attachment-context.js';
import { AttachmentMetadata } from '../collections/attachment-metadata.js';
import { AttachmentService } from '../files/attachment-service.js';
import { DownloadTokens } from '../downloads/download-tokens.js';
import { ResumableUploads } from '../uploads/resumable-uploads.js';
import type { attachmentResponse } from '../routes/route-schemas.js';
import { attachmentRoutes } from '../routes/attachment-routes.js';
import { tusRoutes } from '../uploads/tus-routes.js';

/** The type of entity of which attachments are limited in the tests. */
export const smallLimits = { maximumBytes: 100_000, types: ['image/*', 'text/plain'], retainDays: 365 };

/** Attachments over HTTP, with a database and a folder of their own. */
export interface OpenedAttachments {
  readonly service: AttachmentService;
  readonly uploads: ResumableUploads;
  readonly objects: ObjectStore;
  readonly models: AttachmentOptions['models'];
  readonly options: AttachmentOptions;
  readonly app: FastifyInstance;
  readonly url: string;
  readonly events: AttachmentEvent[];
  readonly errors: unknown[];
  /** Goes so far forward in time. */
  pass(days: number): void;
  /** Sends a request as a user; the user `olga` is an operator. */
  call(
    method: string,
    path: string,
    options?: { as?: string; body?: unknown; headers?: Record<string, string> },
  ): Promise<Response>;
  /** Attaches a file by form. */
  upload(
    path: string,
    content: Uint8Array | string,
    options?: { name?: string; type?: string; as?: string; fields?: Record<string, string> },
  ): Promise<Response>;
}

/** Opens attachments for a suite; read the accessor inside tests only. */
export function useAttachments(
  extra: () => Promise<Partial<AttachmentOptions>> = async () => ({}),
): OpenedAttachments {
  const database = useModels(AttachmentMetadata);
  let opened: OpenedAttachments | undefined;
  let close = async () => undefined as void;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'attachments-'));
    const objects = await openObjects(pathToFileURL(folder).href);
    const events: AttachmentEvent[] = [];
    const errors: unknown[] = [];
    let passedMilliseconds = 0;
    const now = () => new Date(Date.now() + passedMilliseconds);
    const options: AttachmentOptions = {
      models: database.models,
      objects,
      now,
      rules: { default: { maximumBytes: 30 * 1024 * 1024 }, small: smallLimits },
      publish: (event) => events.push(event),
      onError: (error) => errors.push(error),
      ...(await extra()),
    };
    const service = new AttachmentService(options);
    const app = Fastify({ bodyLimit: 10_000 });
    await app.register(registerTransport, {
      access: accessForAllMembers,
      authenticate: async (user_id) => {
        if (user_id === 'forged') throw new UnauthenticatedError();
        return { user_id, roles: [user_id === 'olga' ? 'operator' : 'member'] as Role[] };
      },
    });
    const tokens = new DownloadTokens({ secret: 'a secret of the test, 32 bytes long', now });
    await app.register(attachmentRoutes, { prefix: '/api/v1', attachments: service, tokens });
    const uploads = new ResumableUploads({ ...options, attachments: service });
    await app.register(tusRoutes, { prefix: '/api/v1', uploads });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    const call: OpenedAttachments['call'] = (method, path, { as = 'mia', body, headers } = {}) =>
      fetch(path.startsWith('/') ? `${url}${path}` : `${url}/api/v1/entities/${path}`, {
        method,
        headers: {
          ...(as && { authorization: `Bearer ${as}` }),
          ...(body !== undefined && !(body instanceof FormData) && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: body instanceof FormData ? body : JSON.stringify(body) }),
      });
    opened = {
      service,
      uploads,
      objects,
      models: database.models,
      options,
      app,
      url,
      events,
      errors,
      call,
      pass: (days) => (passedMilliseconds += days * 86_400_000),
      upload(path, content, { name = 'plan.txt', type = 'text/plain', as = 'mia', fields = {} } = {}) {
        const body = new FormData();
        for (const [field, value] of Object.entries(fields)) body.set(field, value);
        body.set('file', new File([content as Uint8Array<ArrayBuffer>], name, { type }));
        return call('POST', path, { as, body });
      },
    };
    close = async () => {
      await app.close();
      await objects.close();
      await rm(folder, { recursive: true });
    };
  });
  afterAll(() => close());
  return new Proxy({} as OpenedAttachments, {
    get(_target, name) {
      if (!opened) throw new InfratraqError('test.not-ready', 'Use attachments inside a test');
      return opened[name as keyof OpenedAttachments];
    },
  });
}

/** Keys of everything in object storage. */
export async function allKeys(objects: ObjectStore, prefix = ''): Promise<string[]> {
  return (await objects.list({ prefix })).objects.map(({ key }) => key);
}

/** A version of a file as the API shows it. */
export type Shown = z.input<typeof attachmentResponse>;

/** What an answer of the API may carry. */
export interface Answer extends Shown {
  readonly items: Shown[];
  readonly versions: Shown[];
  readonly url: string;
  readonly code: string;
  readonly status: never;
}

/** Reads an answer's JSON. */
export async function read(answer: Response | Promise<Response>): Promise<Answer> {
  return (await (await answer).json()) as Answer;
}
