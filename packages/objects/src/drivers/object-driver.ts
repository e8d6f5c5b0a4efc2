import type { Readable } from 'node:stream';
import type {
  ObjectDetails,
  ObjectHead,
  ObjectStore,
  UnfinishedUpload,
  WriteCondition,
} from '../store/object-store.js';

/** Content on its way into a driver; its size and checksum are verified on the way. */
export interface UploadBody {
  /** The content, when it is small enough to be sent in one request. */
  readonly whole?: Buffer;
  /** The content as it arrives; it fails at its end when it is not what was announced. */
  readonly stream: Readable;
  /** Known before the end: announced by the writer, or computed of small content. */
  readonly sha256?: string;
  readonly sizeBytes?: number;
  /** What the content was; only after the stream has ended. */
  result(): { readonly sha256: string; readonly sizeBytes: number };
}

/** What is stored beside the content. */
export interface ObjectAttributes {
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * One kind of storage. Keys are checked, checksums verified and ranges clamped before and after it;
 * a driver throws the errors of `errors.ts` for what it can tell, and anything else for faults of the storage.
 */
export interface ObjectDriver extends Pick<ObjectStore, 'kind' | 'close'> {
  /** Up to this size content is given whole. */
  readonly wholeBytes: number;
  write(
    key: string,
    body: UploadBody,
    attributes: ObjectAttributes,
    condition: WriteCondition,
  ): Promise<ObjectDetails>;
  head(key: string): Promise<ObjectDetails | undefined>;
  /** Opens exactly the version that `details` describes; `object.changed` when it has gone meanwhile. */
  read(details: ObjectDetails, range?: { first: number; last: number }): Promise<Readable>;
  /** Whether an error of a stream that `read` opened says that the content is damaged. */
  isDamage?(error: Error): boolean;
  /** Objects whose keys begin with `prefix` and come after `after`, in the byte order of keys. */
  list(prefix: string, after: string | undefined, limit: number): Promise<ObjectHead[]>;
  delete(key: string): Promise<void>;
  /** Copies a large object within the storage; where absent, copies go through this process. */
  copyLarge?(source: ObjectDetails, to: string, condition: WriteCondition): Promise<ObjectDetails>;
  link(key: string, expiresInSeconds: number, disposition: string | undefined): Promise<string>;
  listUnfinished(): Promise<UnfinishedUpload[]>;
  discardUnfinished(upload: UnfinishedUpload): Promise<void>;
}
