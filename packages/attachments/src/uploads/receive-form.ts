import type { EntityReference } from '@infratraq/kernel';
import { InvalidInputError, parseInput } from '@infratraq/kernel';
import type { Stored } from '@infratraq/mongo';
import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import type { z } from 'zod';
import type { AttachmentMetadata } from '../collections/attachment-metadata.js';
import { tooLarge } from '../files/attachment-rules.js';
import { attachmentInputSchema } from '../files/attachment-input.js';
import type { AttachmentService } from '../files/attachment-service.js';

const fieldsSchema = attachmentInputSchema.pick({ description: true, sha256: true }).strict();

// Room for the form around its file: boundaries, headers, fields.
const formBytes = 64 * 1024;

/**
 * Attaches the file of a multipart form. Fields come before the file: `description`, and `sha256` that the content must
 * have. The content is never held in memory or on this machine's disk.
 * @throws InvalidInputError `attachment.form`, besides what {@link AttachmentService.attach} throws
 */
export async function receiveForm(
  service: AttachmentService,
  request: FastifyRequest,
  reply: FastifyReply,
  entity: EntityReference,
  { uploaded_by, file_id }: { uploaded_by: string; file_id?: string },
): Promise<Stored<AttachmentMetadata>> {
  const maximumBytes = service.maximumBytes(entity.entity_type);
  if (!request.isMultipart()) throw formFault('Send a multipart form');
  // After a refusal the rest of the body would still be on its way.
  reply.header('connection', 'close');
  if (Number(request.headers['content-length']) > maximumBytes + formBytes) throw tooLarge({ maximumBytes });
  const parts = readParts(request, {
    // Our own limit speaks first, with the entity type's limit in its message.
    fileSize: maximumBytes + 1,
  });
  const { fields, file } = await readFields(parts);
  const stored = await service.attach(entity, Readable.from(readFile(file), { objectMode: false }), {
    file_name: file.filename,
    declared_content_type: file.mimetype,
    ...fields,
    uploaded_by,
    file_id,
    // A form that continues or breaks off after its file is damaged.
    confirm: async () => {
      const next = await parts.next();
      if (!next.done) throw formFault('Send one file, as the last part of the form');
    },
  });
  reply.removeHeader('connection');
  return stored;
}

/** The parts of a form. A form that its parser cannot read is the sender's fault. */
async function* readParts(request: FastifyRequest, limits: { fileSize: number }): AsyncGenerator<Multipart> {
  try {
    const counts = { files: 1, fields: 5, fieldSize: 8_000, parts: 10 };
    yield* request.parts({ limits: { ...counts, ...limits }, preservePath: true });
  } catch (error) {
    const isSaid = (error as { statusCode?: number }).statusCode !== undefined;
    throw isSaid ? error : formFault('The form is damaged; send it again', error);
  }
}

async function* readFile({ file }: MultipartFile): AsyncGenerator<Buffer> {
  try {
    yield* file as AsyncIterable<Buffer>;
  } catch (cause) {
    throw formFault('The form breaks off; send it again', cause);
  }
}

async function readFields(
  parts: AsyncGenerator<Multipart>,
): Promise<{ fields: z.output<typeof fieldsSchema>; file: MultipartFile }> {
  const given: Record<string, unknown> = {};
  for (let next = await parts.next(); !next.done; next = await parts.next()) {
    const part = next.value;
    if (part.type === 'file') {
      // Absent where the part has a type but no file name, whatever the parser's declaration says.
      if (!part.filename) throw formFault('Give the file a name, as filename in its Content-Disposition');
      return { fields: checkFields(given), file: part };
    }
    given[part.fieldname] = part.value;
  }
  throw formFault('Send the file as a part of the form');
}

function checkFields(fields: Record<string, unknown>): z.output<typeof fieldsSchema> {
  return parseInput(fieldsSchema, fields, 'attachment.form');
}

function formFault(message: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError(message, { code: 'attachment.form', ...(cause !== undefined && { cause }) });
}
