import type * as Sqlite from 'node:sqlite';

/** A lock of the operating system; it ends with its process, however that ends, and with nothing else. */
export interface KernelLock {
  end(): void;
}

const busyCode = 5;

/**
 * Locks a file by `fcntl`, which Node reaches through SQLite's exclusive transactions; the file stays empty. All
 * processes of one kernel are told apart, whatever container they are in, and those of other machines where the file
 * system passes locks on. Answers undefined where the system or the file system has no such locks.
 */
export function tryKernelLock(path: string): KernelLock | 'held' | undefined {
  const sqlite = process.getBuiltinModule('node:sqlite') as typeof Sqlite | undefined;
  if (!sqlite) return undefined;
  let database: Sqlite.DatabaseSync | undefined;
  try {
    database = new sqlite.DatabaseSync(path, { timeout: 0 });
    // Without journal and rows nothing is ever written.
    database.exec('PRAGMA journal_mode = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    const held = database;
    return { end: () => held.close() };
  } catch (error) {
    database?.close();
    const { errcode } = error as { errcode?: number };
    if (errcode === undefined) throw error;
    return (errcode & 0xff) === busyCode ? 'held' : undefined;
  }
}
