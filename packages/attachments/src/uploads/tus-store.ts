import { InfratraqError } from '@infratraq/kernel';
import { DataStore, Upload } from '@tus/server';
import type { Readable } from 'node:stream';
import type { ResumableUploads, UploadReference } from './resumable-uploads.js';

/** Names the upload that a request is for. */
export type ReadReference = (uploadId: string) => UploadReference;

/** Gives the tus server the uploads of the user who sends the request. */
export class TusStore extends DataStore {
  readonly #uploads: ResumableUploads;
  readonly #referenceOf: ReadReference;

  constructor(uploads: ResumableUploads, referenceOf: ReadReference, extensions: readonly string[]) {
    super();
    this.#uploads = uploads;
    this.#referenceOf = referenceOf;
    this.extensions = [...extensions];
  }

  override async create(upload: Upload): Promise<Upload> {
    // Its record was made when its id was.
    return upload;
  }

  override async getUpload(id: string): Promise<Upload> {
    const {
      received_bytes: offset,
      size_bytes: size,
      record,
    } = await this.#uploads.find(this.#referenceOf(id));
    return new Upload({ id, offset, size, metadata: { filename: record.file_name } });
  }

  override write(stream: Readable, id: string, offset: number): Promise<number> {
    return this.#uploads.append(this.#referenceOf(id), stream, offset);
  }

  override remove(id: string): Promise<void> {
    return this.#uploads.abandon(this.#referenceOf(id));
  }

  override async declareUploadLength(): Promise<void> {
    throw new InfratraqError('attachment.upload-length', 'State the length when the upload begins', {
      status: 400,
    });
  }
}
