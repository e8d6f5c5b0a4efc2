import { randomUUID } from 'node:crypto';

/** Content whose checksum isn't known yet is staged under this prefix; no key of an object may begin with a dot. */
export const stagingPrefix = '.uploads/';

/** A key of its own for an upload to be staged under. */
export function makeStagingKey(): string {
  return stagingPrefix + randomUUID();
}

export function isStaged(key: string): boolean {
  return key.startsWith(stagingPrefix);
}
