import type { Readable } from 'node:stream';

/** What is known of a stored object without reading it. */
export interface ObjectHead {
  readonly key: string;
  readonly sizeBytes: number;
  /** Names this very version: it changes with every write, also of equal content. */
  readonly etag: string;
  readonly modifiedAt: Date;
}

/** All that is stored beside an object's content. */
export interface ObjectDetails extends ObjectHead {
  readonly contentType: string;
  /** SHA-256 of the whole content, hexadecimal; absent on objects that others have written. */
  readonly sha256?: string;
  /** What the writer noted; names are lower case. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Anything that can be stored. */
export type ObjectContent = Uint8Array | string | Readable | AsyncIterable<Uint8Array>;

/** Bytes of an object, both ends included, from 0. */
export interface ByteRange {
  readonly first: number;
  /** The end of the object when absent or beyond it. */
  readonly last?: number;
}

/** When a write may happen. */
export interface WriteCondition {
  /** Only if nothing is stored under the key. */
  readonly ifAbsent?: boolean;
  /** Only if the version with this etag is stored under the key. */
  readonly ifMatch?: string;
}

/** What a writer says about the object, and when it gives up. */
export interface PutOptions extends WriteCondition {
  readonly contentType?: string;
  /** Names of lower-case letters, digits and hyphens; values of printable ASCII; 2,000 bytes in all. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** SHA-256 that the content must have, hexadecimal; it is computed when absent. */
  readonly sha256?: string;
  /** Size that the content must have. */
  readonly sizeBytes?: number;
  /** Ends the upload; nothing of it is left. */
  readonly signal?: AbortSignal;
}

/** An object that is being read. */
export interface StoredObject {
  readonly details: ObjectDetails;
  /** The bytes that `body` gives; absent when it gives all. */
  readonly range?: { readonly first: number; readonly last: number };
  /** Fails with `object.corrupted` before its last byte when the whole content is read and is not what was stored. */
  readonly body: Readable;
}

/** One page of a listing, in the byte order of keys. */
export interface ObjectPage {
  readonly objects: readonly ObjectHead[];
  readonly nextCursor: string | null;
}

/** How a link presents the object, and how long. */
export interface LinkOptions {
  /** At most 7 days. */
  readonly expiresInSeconds: number;
  /** Content-Disposition of the answer. */
  readonly disposition?: string;
}

/** An upload that began and has neither ended nor been given up. */
export interface UnfinishedUpload {
  readonly id: string;
  readonly startedAt: Date;
}

/**
 * Objects under keys, wherever they are. Every write is visible whole or not at all.
 *
 * Keys are segments joined by `/`: each of 1 to 200 letters, digits or `._=+@,()-`, none beginning with a dot; 800
 * characters in all. Errors carry these codes: `object.not-found`,
 * `object.exists`, `object.changed`, `object.corrupted`, `object.checksum`, `object.size`, `object.range`,
 * `object.key.invalid`, `object.aborted`, `objects.unavailable`.
 */
export interface ObjectStore {
  readonly kind: 'folder' | 's3' | 'gcs';
  /** Stores content that may be of any size in bounded memory. */
  put(key: string, content: ObjectContent, options?: PutOptions): Promise<ObjectDetails>;
  get(key: string, range?: ByteRange): Promise<StoredObject>;
  /** What is stored under the key, or undefined. */
  head(key: string): Promise<ObjectDetails | undefined>;
  /** Begins behind a cursor, behind the key `after`, or at the beginning. */
  list(options?: {
    prefix?: string;
    after?: string;
    cursor?: string | undefined;
    limit?: number;
  }): Promise<ObjectPage>;
  /** Removes an object; it is no error when there is none. */
  delete(key: string): Promise<void>;
  /** Stores an object under a second key, with its type and metadata. */
  copy(from: string, to: string, condition?: WriteCondition): Promise<ObjectDetails>;
  /** An address from which anybody can fetch the object until it expires. */
  link(key: string, options: LinkOptions): Promise<string>;
  listUnfinished(): Promise<UnfinishedUpload[]>;
  /** Removes what is left of uploads that began before a time; answers how many there were. */
  sweepUnfinished(options: { startedBefore: Date }): Promise<number>;
  close(): Promise<void>;
}
