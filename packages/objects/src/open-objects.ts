import { InvalidInputError } from '@infratraq/kernel';
import { fileURLToPath } from 'node:url';
import { createObjectStore } from './store/create-object-store.js';
import type { LinkSigning } from './serving/folder-links.js';
import { missingDriver } from './drivers/missing-driver.js';
import type { ObjectStore } from './store/object-store.js';

/** Settings that are not part of the address. */
export interface OpenObjectsOptions {
  /** Signs links to a folder's objects; without it, a folder makes no links. */
  readonly links?: LinkSigning;
  /** The current time, in milliseconds, for links of S3. */
  readonly now?: () => number;
}

/**
 * Opens object storage by its address: `file:///path`, `s3://bucket/prefix?endpoint=…&region=…`,
 * `gs://bucket/prefix?endpoint=…`. S3 and GCS read credentials as their own tools do.
 *
 * @throws InvalidInputError `objects.url.invalid`; InfratraqError `objects.driver-missing` when a library isn't installed
 * @example
 * const objects = await openObjects('file:///var/lib/infratraq/objects');
 * await objects.put('reports/2026/costs.pdf', createReadStream('costs.pdf'), { contentType: 'application/pdf' });
 */
export async function openObjects(address: string, options: OpenObjectsOptions = {}): Promise<ObjectStore> {
  const url = parseAddress(address);
  if (url.protocol === 'file:') {
    const { createFolderDriver } = await import('./drivers/folder/folder.js');
    const { links } = options;
    return createObjectStore(
      await createFolderDriver({
        path: fileURLToPath(new URL(url.pathname, 'file:')),
        ...(links && { links }),
      }),
    );
  }
  const place = {
    bucket: url.hostname,
    prefix: prefixOf(url),
    endpoint: url.searchParams.get('endpoint') ?? undefined,
    region: url.searchParams.get('region') ?? undefined,
  };
  if (url.protocol === 's3:') {
    const { createS3Driver } = await import('./drivers/s3/s3.js').catch(
      missingDriver('s3', '@aws-sdk/client-s3, @aws-sdk/lib-storage and @aws-sdk/s3-request-presigner'),
    );
    return createObjectStore(createS3Driver({ ...place, ...(options.now && { now: options.now }) }));
  }
  const { createGcsDriver } = await import('./drivers/gcs/gcs.js').catch(
    missingDriver('gs', '@google-cloud/storage'),
  );
  return createObjectStore(createGcsDriver(place));
}

function parseAddress(address: string): URL {
  if (/^(file:|s3:\/\/[^/?]|gs:\/\/[^/?])/.test(address) && URL.canParse(address)) return new URL(address);
  throw new InvalidInputError(
    'Object storage is addressed as file:///path, s3://bucket/prefix?endpoint=…&region=… or gs://bucket/prefix?endpoint=…',
    { code: 'objects.url.invalid' },
  );
}

function prefixOf(url: URL): string {
  const path = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '');
  return path === '' ? '' : `${path}/`;
}
