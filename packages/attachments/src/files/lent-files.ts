import { isDuplicateKey } from '@infratraq/mongo';
import {
  InfratraqError,
  type EntityFiles,
  type FileAccess,
  type FileRefusal,
  type LentFile,
} from '@infratraq/kernel';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { completeContext, type AttachmentContext, type AttachmentOptions } from './attachment-context.js';
import { checkType, limitsOf, tooLarge } from './attachment-rules.js';
import type { AttachmentService } from './attachment-service.js';
import { attachmentInputSchema } from './attachment-input.js';
import { checkInput, entitySchema, type FileReference } from './file-reference.js';
import { cleanFileName } from './clean-file-name.js';
import { listVersionsOfFile } from '../collections/attachment-metadata.queries.js';
import type { ReceivedContent } from '../uploads/receive-content.js';
import { describeVersion, insertVersion } from '../versions/record-version.js';
import { sniffContent, sniffedBytes } from '../examination/sniff-content.js';

const lentSchema = entitySchema.extend({
  ...attachmentInputSchema.pick({ file_name: true, uploaded_by: true, source: true }).shape,
  key: z.string().min(1),
  object_key: z.string().min(1),
});

/** Files of other domains, under the same rules as uploads. Their content stays where its owner keeps it. */
export class LentFiles implements EntityFiles {
  readonly #context: AttachmentContext;
  readonly #attachments: AttachmentService;

  constructor(options: AttachmentOptions & { attachments: AttachmentService }) {
    this.#context = completeContext(options);
    this.#attachments = options.attachments;
  }

  async attach(file: LentFile): Promise<{ file_id: string } | { refusal: FileRefusal }> {
    const { entity_type, entity_id, object_key } = file;
    const file_id = createHash('sha256').update(file.key).digest('hex').slice(0, 32);
    const reference = { entity_type, entity_id, file_id };
    const refused = refusalOf(() => checkInput(lentSchema, file));
    if (refused) return { refusal: refused };
    const [known] = await this.#context.models.find(listVersionsOfFile, reference, { limit: 1 });
    if (known) return { file_id };
    const content = await this.#look(object_key);
    const refusal = this.#judge(file, content);
    return refusal ? { refusal } : this.#record(file, content, reference);
  }

  async fetch(file: FileReference, access?: FileAccess) {
    const found = await this.#attachments.downloadable(file);
    if (access) await this.#attachments.recordAccess(found, { ...access, action: 'download' });
    const { object_key, file_name, content_type } = found;
    return { object_key, file_name, content_type };
  }

  async #look(object_key: string): Promise<ReceivedContent> {
    const { details, body } = await this.#context.objects.get(object_key);
    const head: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      head.push(chunk);
      bytes += chunk.length;
      if (bytes >= sniffedBytes) break;
    }
    const content_type = await sniffContent(Buffer.concat(head).subarray(0, sniffedBytes));
    // Lent content was stored through an object store, which computed its checksum.
    const { etag, sha256, sizeBytes } = details;
    return { object_key, etag, sha256: sha256 as string, size_bytes: sizeBytes, content_type };
  }

  #judge({ entity_type, file_name }: LentFile, content: ReceivedContent): FileRefusal | undefined {
    const limits = limitsOf(this.#context.rules, entity_type);
    return refusalOf(() => {
      if (content.size_bytes > limits.maximumBytes) throw tooLarge(limits);
      checkType(limits, content.content_type);
      cleanFileName(file_name);
    });
  }

  async #record(
    file: LentFile,
    content: ReceivedContent,
    { file_id, ...entity }: FileReference,
  ): Promise<{ file_id: string }> {
    const file_name = cleanFileName(file.file_name);
    const fields = await describeVersion(this.#context, { entity, file_id, input: file, file_name }, content);
    try {
      await this.#attachments.announceAndScan(
        await insertVersion(this.#context, fields, { file_id, version: 1 }),
      );
    } catch (error) {
      // Another process has attached it in the same moment.
      if (!isDuplicateKey(error)) throw error;
    }
    return { file_id };
  }
}

function refusalOf(check: () => void): FileRefusal | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof InfratraqError)) throw error;
    return { code: error.code, message: error.message };
  }
}
