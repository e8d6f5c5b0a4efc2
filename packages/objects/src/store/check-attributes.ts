import { InvalidInputError } from '@infratraq/kernel';
import type { ObjectAttributes } from '../drivers/object-driver.js';
import type { PutOptions } from './object-store.js';

const metadataBytes = 2_000;

/** Name of the metadata entry in which S3 and GCS carry the content's SHA-256. */
export const checksumEntry = 'sha256';

/**
 * Checks type, metadata and announcements of an object.
 * @throws InvalidInputError `object.attributes.invalid`
 */
export function checkAttributes(options: PutOptions): ObjectAttributes {
  const { contentType = 'application/octet-stream', metadata = {}, sha256, sizeBytes } = options;
  refuseUnless(/^[\x21-\x7e][\x20-\x7e]{0,254}$/.test(contentType), 'The content type is printable ASCII');
  const entries = Object.entries(metadata);
  for (const [name, value] of entries) {
    refuseUnless(
      /^[a-z0-9][a-z0-9-]*$/.test(name) && name !== checksumEntry,
      `Metadata can't be called ${name}`,
    );
    refuseUnless(
      /^([\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?)?$/.test(value),
      `Metadata ${name} is printable ASCII`,
    );
  }
  const bytes = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  refuseUnless(bytes <= metadataBytes, `Metadata has at most ${metadataBytes} bytes`);
  refuseUnless(
    sha256 === undefined || /^[0-9a-f]{64}$/.test(sha256),
    'A SHA-256 is 64 lower-case hexadecimal digits',
  );
  refuseUnless(
    sizeBytes === undefined || (Number.isSafeInteger(sizeBytes) && sizeBytes >= 0),
    'A size is a number of bytes',
  );
  return { contentType, metadata };
}

function refuseUnless(holds: boolean, rule: string): void {
  if (!holds) throw new InvalidInputError(rule, { code: 'object.attributes.invalid' });
}
