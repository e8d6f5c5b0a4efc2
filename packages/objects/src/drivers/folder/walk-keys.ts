import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { compareKeys } from '../../store/object-key.js';

/** Ends the name of an object's file, so that a key may also be the beginning of other keys. */
const objectSuffix = '~';

/** Where an object's file is within its folder. */
export function pathOfKey(key: string): string {
  return join(...key.split('/')) + objectSuffix;
}

/** Walks the keys in a folder that begin with `prefix` and come after `after`, in the byte order of keys. */
export async function* walkKeys(
  root: string,
  prefix: string,
  after: string | undefined,
  parent = '',
): AsyncGenerator<string> {
  const entries = await readdir(join(root, parent), { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
      throw error;
    },
  );
  const names = entries
    .flatMap((entry) => {
      if (entry.isDirectory()) return [`${entry.name}/`];
      return entry.name.endsWith(objectSuffix) ? [entry.name.slice(0, -objectSuffix.length)] : [];
    })
    .sort(compareKeys);
  for (const name of names) {
    const path = parent + name;
    if (!path.endsWith('/')) {
      if (path.startsWith(prefix) && (after === undefined || path > after)) yield path;
    } else if (mayHold(path, prefix, after)) yield* walkKeys(root, prefix, after, path);
  }
}

function mayHold(folder: string, prefix: string, after: string | undefined): boolean {
  const isWithin = folder.startsWith(prefix) || prefix.startsWith(folder);
  return isWithin && (after === undefined || folder > after || after.startsWith(folder));
}
