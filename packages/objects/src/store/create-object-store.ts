import { InfratraqError, InvalidInputError } from '@infratraq/kernel';
import type { Readable } from 'node:stream';
import { checkAttributes } from './check-attributes.js';
import {
  objectChanged,
  objectCorrupted,
  objectExists,
  objectNotFound,
  rangeUnsatisfiable,
  storageUnavailable,
  uploadAborted,
} from './errors.js';
import type { ObjectDriver } from '../drivers/object-driver.js';
import { checkKeyPrefix, checkObjectKey } from './object-key.js';
import type {
  ByteRange,
  LinkOptions,
  ObjectDetails,
  ObjectStore,
  PutOptions,
  WriteCondition,
} from './object-store.js';
import { receiveBody } from './receive-upload.js';
import { verifyContent } from './verify-content.js';

const maximumPage = 1_000;
const maximumLinkSeconds = 7 * 24 * 3_600;

/** Puts the rules that all kinds of storage share around one of them. */
export function createObjectStore(driver: ObjectDriver): ObjectStore {
  async function requireDetails(key: string): Promise<ObjectDetails> {
    checkObjectKey(key);
    const details = await orUnavailable(`look up ${key}`, driver.head(key));
    if (!details) throw objectNotFound(key);
    return details;
  }

  async function checkCondition(key: string, { ifAbsent, ifMatch }: WriteCondition): Promise<void> {
    if (!ifAbsent && ifMatch === undefined) return;
    const present = await orUnavailable(`look up ${key}`, driver.head(key));
    if (ifAbsent && present) throw objectExists(key);
    if (ifMatch !== undefined && present?.etag !== ifMatch) throw objectChanged(key);
  }

  async function put(key: string, content: Parameters<ObjectStore['put']>[1], options: PutOptions = {}) {
    checkObjectKey(key);
    const { ifAbsent, ifMatch, signal } = options;
    const attributes = checkAttributes(options);
    const body = await receiveBody(content, options, driver.wholeBytes).catch((error: unknown) => {
      throw signal?.aborted ? uploadAborted(key, error) : error;
    });
    // A driver that fails early leaves the stream unread; its own failure is the one to report.
    let contentFault: unknown;
    body.stream.on('error', (error) => (contentFault ??= error));
    try {
      // Nobody sends gigabytes to learn that they were not wanted; the driver decides once more at the end.
      if (!body.whole) await checkCondition(key, options);
      return await driver.write(key, body, attributes, {
        ...(ifAbsent && { ifAbsent }),
        ...(ifMatch !== undefined && { ifMatch }),
      });
    } catch (error) {
      if (signal?.aborted) throw uploadAborted(key, error);
      if (contentFault !== undefined && !isAbort(contentFault)) throw contentFault;
      throw error instanceof InfratraqError ? error : storageUnavailable(`store ${key}`, error);
    } finally {
      body.stream.destroy();
    }
  }

  return Object.freeze({
    kind: driver.kind,
    put,

    async get(key: string, range?: ByteRange) {
      const details = await requireDetails(key);
      const clamped = range && clampRange(details, range);
      const source = await orUnavailable(`read ${key}`, driver.read(details, clamped));
      const body = passOn(driver, details, source, clamped);
      return { details, ...(clamped && { range: clamped }), body };
    },

    async head(key: string) {
      checkObjectKey(key);
      return orUnavailable(`look up ${key}`, driver.head(key));
    },

    async list({ prefix = '', after, cursor, limit = maximumPage } = {}) {
      checkKeyPrefix(prefix);
      if (after !== undefined) checkObjectKey(after);
      const wanted = Math.min(Math.max(1, Math.trunc(limit)), maximumPage);
      const start = cursor === undefined ? after : readCursor(cursor);
      // One more than asked for tells whether another page follows.
      const found = await orUnavailable(`list ${prefix}`, driver.list(prefix, start, wanted + 1));
      const objects = found.slice(0, wanted);
      const last = found.length > wanted ? objects.at(-1) : undefined;
      return { objects, nextCursor: last ? Buffer.from(last.key).toString('base64url') : null };
    },

    async delete(key: string) {
      checkObjectKey(key);
      await orUnavailable(`delete ${key}`, driver.delete(key));
    },

    async copy(from: string, to: string, condition = {}) {
      checkObjectKey(to);
      const source = await requireDetails(from);
      if (driver.copyLarge && source.sha256 !== undefined && source.sizeBytes > driver.wholeBytes) {
        await checkCondition(to, condition);
        return orUnavailable(`copy ${from}`, driver.copyLarge(source, to, condition));
      }
      const { contentType, metadata, sizeBytes, sha256 } = source;
      const body = passOn(driver, source, await orUnavailable(`read ${from}`, driver.read(source)));
      return put(to, body, {
        contentType,
        metadata,
        sizeBytes,
        ...(sha256 !== undefined && { sha256 }),
        ...condition,
      });
    },

    async link(key: string, { expiresInSeconds, disposition }: LinkOptions) {
      checkObjectKey(key);
      if (!(expiresInSeconds >= 1 && expiresInSeconds <= maximumLinkSeconds))
        throw new InvalidInputError(`A link lives between 1 and ${maximumLinkSeconds} seconds`, {
          code: 'object.link.invalid',
        });
      return driver.link(key, Math.trunc(expiresInSeconds), disposition);
    },

    listUnfinished: () => orUnavailable('list unfinished uploads', driver.listUnfinished()),

    async sweepUnfinished({ startedBefore }) {
      const uploads = await orUnavailable('list unfinished uploads', driver.listUnfinished());
      const old = uploads.filter(({ startedAt }) => startedAt < startedBefore);
      for (const upload of old)
        await orUnavailable(`discard upload ${upload.id}`, driver.discardUnfinished(upload));
      return old.length;
    },

    close: () => driver.close(),
  } satisfies ObjectStore);
}

function passOn(
  driver: ObjectDriver,
  details: ObjectDetails,
  source: Readable,
  range?: { first: number; last: number },
): Readable {
  const body = verifyContent(details, range);
  source.on('error', (error) => {
    if (driver.isDamage?.(error)) body.destroy(objectCorrupted(details.key, error.message, error));
    else
      body.destroy(
        error instanceof InfratraqError ? error : storageUnavailable(`read ${details.key}`, error),
      );
  });
  body.once('close', () => source.destroy());
  return source.pipe(body);
}

function clampRange({ key, sizeBytes }: ObjectDetails, { first, last }: ByteRange) {
  const end = Math.min(last ?? sizeBytes - 1, sizeBytes - 1);
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(end) || first < 0 || first > end)
    throw rangeUnsatisfiable(key, sizeBytes);
  return { first, last: end };
}

function readCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString('latin1');
  try {
    checkObjectKey(key);
  } catch (cause) {
    throw new InvalidInputError('Send the cursor of the page before', { code: 'cursor.invalid', cause });
  }
  return key;
}

async function orUnavailable<Result>(what: string, work: Promise<Result>): Promise<Result> {
  return work.catch((error: unknown) => {
    throw error instanceof InfratraqError ? error : storageUnavailable(what, error);
  });
}

function isAbort(error: unknown): boolean {
  const { code, name } = error as { code?: string; name?: string };
  return name === 'AbortError' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}
