import type { Environment } from '@infratraq/environment';
import type { Defer } from '@infratraq/kernel';
import { openObjects } from '@infratraq/objects';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chooseLinkSecret } from './link-secret.js';
import type { Platform } from './platform.js';

/** Where the routes are; links are relative to the server's address. */
const baseUrl = '/api/v1';

/** Opens the storage of files: OBJECTS_URL, or a folder below DATA_DIR. */
export async function openFileStorage(
  environment: Environment,
  defer: Defer,
): Promise<Pick<Platform, 'objects' | 'signing'>> {
  const { OBJECTS_URL, DATA_DIR } = environment;
  const signing = { baseUrl, secret: await chooseLinkSecret(environment) };
  const objects = await openObjects(OBJECTS_URL ?? pathToFileURL(join(DATA_DIR, 'objects')).href, {
    links: signing,
  });
  defer(() => objects.close());
  return { objects, signing };
}
