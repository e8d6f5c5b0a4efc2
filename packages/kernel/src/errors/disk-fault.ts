import { InfratraqError, type ErrorStatus } from './errors.js';

interface Explanation {
  readonly code: string;
  readonly status: ErrorStatus;
  explain(path: string): string;
}

const full: Explanation = {
  code: 'storage.full',
  status: 503,
  explain: (path) => `The disk of ${path} is full: free space on it, or move the folder to a larger disk`,
};
const notWritable: Explanation = {
  code: 'storage.not-writable',
  status: 503,
  explain: (path) =>
    `${path} is not writable by the user of this process: change its owner or its permissions, or choose another folder`,
};
const notAFolder: Explanation = {
  code: 'storage.not-a-folder',
  status: 503,
  explain: (path) => `${path} is, or lies below, a file: move that file away, or choose another folder`,
};
const readOnly: Explanation = {
  code: 'storage.read-only',
  status: 503,
  explain: (path) => `The file system of ${path} is read-only: mount it writable, or choose another folder`,
};
// Node tells a recursive mkdir on a read-only file system so.
const notMade: Explanation = {
  code: 'storage.read-only',
  status: 503,
  explain: (path) =>
    `${path} cannot be made, for its file system is read-only or a link in it leads nowhere: mount it writable, or choose another folder`,
};
const failing: Explanation = {
  code: 'storage.failing',
  status: 503,
  explain: (path) => `The disk of ${path} fails: check it, or move the folder to another disk`,
};

const explanations: Readonly<Record<string, Explanation>> = {
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: full,
  EACCES: notWritable,
  EPERM: notWritable,
  EROFS: readOnly,
  ENOTDIR: notAFolder,
  EEXIST: notAFolder,
  EIO: failing,
};

/**
 * A fault of the disk as an error with a stable code (`storage.full`, `storage.not-writable`, `storage.read-only`,
 * `storage.not-a-folder`, `storage.failing`) that names the path and what to do; any other error as it is.
 */
export function explainDiskFault(error: unknown, path: string): unknown {
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown };
  const known = typeof code === 'string' ? explanations[code] : undefined;
  const explanation = code === 'ENOENT' && syscall === 'mkdir' ? notMade : known;
  if (!explanation || error instanceof InfratraqError) return error;
  const { explain, status } = explanation;
  return new InfratraqError(explanation.code, explain(path), { status, cause: error });
}
