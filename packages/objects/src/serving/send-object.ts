import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { rangeUnsatisfiable } from '../store/errors.js';
import type { ByteRange, ObjectStore } from '../store/object-store.js';

/** How an object is presented. */
export interface SendObjectOptions {
  readonly contentType?: string;
  /** Content-Disposition; `attachment` when absent, so that a browser never runs what somebody stored. */
  readonly disposition?: string;
}

/**
 * Answers with an object: whole (200), a range of it (206), nothing when the client has it (304); a range
 * that isn't there is 416. Nothing that a browser would run is run.
 */
export async function sendObject(
  request: FastifyRequest,
  reply: FastifyReply,
  objects: ObjectStore,
  key: string,
  { contentType, disposition = 'attachment' }: SendObjectOptions = {},
): Promise<FastifyReply> {
  const details = await objects.head(key);
  const etag = details && `"${details.etag.replaceAll('"', '')}"`;
  const range = details && readRange(request, etag, details.sizeBytes);
  reply.headers({
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    ...(details && { etag, 'last-modified': details.modifiedAt.toUTCString() }),
  });
  if (etag !== undefined && hasVersion(request.headers['if-none-match'], etag))
    return reply.status(304).send(withoutBody(request));
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${details?.sizeBytes}`);
    throw Object.assign(rangeUnsatisfiable(key, details?.sizeBytes ?? 0), { status: 416 });
  }
  if (details && request.method === 'HEAD')
    return reply
      .headers({
        'content-type': contentType ?? details.contentType,
        'content-disposition': disposition,
        'content-length': details.sizeBytes,
      })
      .send(withoutBody(request));
  const stored = await objects.get(key, range);
  const { sizeBytes } = stored.details;
  reply.headers({
    'content-type': contentType ?? stored.details.contentType,
    'content-disposition': disposition,
    'content-length': stored.range ? stored.range.last - stored.range.first + 1 : sizeBytes,
    ...(stored.range && { 'content-range': `bytes ${stored.range.first}-${stored.range.last}/${sizeBytes}` }),
  });
  return reply.status(stored.range ? 206 : 200).send(stored.body);
}

/** Fastify would state the length of an absent body to HEAD as 0; that of an empty stream it leaves as it is set. */
function withoutBody({ method }: FastifyRequest): Readable | undefined {
  return method === 'HEAD' ? Readable.from([]) : undefined;
}

/** Whether a client says that it has a version; a proxy on the way may have called it a weak one. */
function hasVersion(header: string | undefined, etag: string): boolean {
  return (header ?? '')
    .split(',')
    .some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);
}

/** The single range that is asked for; several, malformed ones, and those for another version mean the whole. */
function readRange(
  { headers, method }: FastifyRequest,
  etag: string | undefined,
  sizeBytes: number,
): ByteRange | 'unsatisfiable' | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '') ?? [];
  const condition = headers['if-range'];
  if (method !== 'GET' || from === undefined || to === undefined || from + to === '') return undefined;
  if (condition !== undefined && condition !== etag) return undefined;
  const first = from === '' ? Math.max(0, sizeBytes - Number(to)) : Number(from);
  const last = from === '' || to === '' ? sizeBytes - 1 : Number(to);
  if (from !== '' && to !== '' && last < first) return undefined;
  return first >= sizeBytes || (from === '' && Number(to) === 0) ? 'unsatisfiable' : { first, last };
}
