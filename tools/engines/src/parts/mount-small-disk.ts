import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real file system with little room. */
export interface SmallDisk {
  readonly path: string;
  /** Fills it, but for so many bytes. */
  fill(leaveBytes?: number): void;
  /** Removes what filled it. */
  free(): void;
  /** Makes it read-only, or writable again. */
  setReadOnly(isReadOnly: boolean): void;
  /** Unmounts it. */
  remove(): void;
}

/** Whether this process may mount file systems; says so on standard error where it may not. */
export function canMount(): boolean {
  const disk = tryMount(64);
  disk?.remove();
  if (!disk) process.stderr.write('full disks: none, for mount is not permitted here\n');
  return disk !== undefined;
}

/** Mounts a file system in memory of so many KiB. @throws Error where this process may not mount */
export function mountSmallDisk(kibibytes: number): SmallDisk {
  const disk = tryMount(kibibytes);
  if (!disk) throw new Error('This process may not mount a file system; run it as root');
  return disk;
}

function tryMount(kibibytes: number): SmallDisk | undefined {
  const path = mkdtempSync(join(tmpdir(), 'infratraq-disk-'));
  if (mount(['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'none', path]) !== 0) {
    rmSync(path, { recursive: true });
    return undefined;
  }
  const filling = join(path, 'filling');
  return {
    path,
    fill(leaveBytes = 0) {
      const { bavail, bsize } = statfsSync(path);
      writeFileSync(filling, Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes)));
    },
    free: () => rmSync(filling, { force: true }),
    setReadOnly: (isReadOnly) => {
      mount(['-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, path]);
    },
    remove() {
      // Lazily: something may hold a file of it open.
      spawnSync('umount', ['-l', path]);
      rmSync(path, { recursive: true });
    },
  };
}

function mount(parameters: readonly string[]): number | null {
  return spawnSync('mount', parameters, { stdio: 'ignore' }).status;
}
