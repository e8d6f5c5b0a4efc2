import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** The process that a lock file names. Numbers of processes repeat, so five more things tell owners apart. */
export interface LockOwner {
  readonly host: string;
  /** The kernel's boot id and the process's PID namespace; empty where the system has none. */
  readonly boot: string;
  readonly namespace: string;
  readonly pid: number;
  /** When the process began, in ticks since the boot; 0 where that cannot be known. */
  readonly start: number;
  /** Made anew for every lock. */
  readonly token: string;
  /** The owner also holds a lock of the operating system for as long as it lives. */
  readonly kernel?: true;
}

/** This process as the owner of one more lock. */
export function describeOwner(holdsKernelLock: boolean): LockOwner {
  const start = readProcess(process.pid)?.start ?? 0;
  const owner = { ...place, pid: process.pid, start, token: randomUUID() };
  return holdsKernelLock ? { ...owner, kernel: true } : owner;
}

/** Undefined for a file that nobody of ours has written. */
export function parseOwner(text: string): LockOwner | undefined {
  try {
    const owner = JSON.parse(text) as LockOwner;
    return typeof owner.pid === 'number' && typeof owner.host === 'string' ? owner : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether the owner runs in the same container of the same machine as this process, where its process can be asked for. */
export function isHere(owner: LockOwner): boolean {
  return owner.host === place.host && owner.boot === place.boot && owner.namespace === place.namespace;
}

/** Whether the owner runs under the same kernel as this process, in whatever container. */
export function isOnSameKernel(owner: LockOwner): boolean {
  return place.boot !== '' && owner.boot === place.boot;
}

/** Whether the owner's process lives; undefined for one on another machine or in another container. */
export function isAlive(owner: LockOwner): boolean | undefined {
  if (!isHere(owner)) return undefined;
  const found = readProcess(owner.pid);
  if (found !== undefined) return found.start === owner.start && found.state !== 'Z';
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const place = {
  host: hostname(),
  boot: readIfThere(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? '',
  namespace: readIfThere(() => readlinkSync('/proc/self/ns/pid')) ?? '',
};

/** Undefined where the system does not show its processes as files, or not this one. */
function readProcess(pid: number): { state: string; start: number } | undefined {
  const stat = readIfThere(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The name before these fields may hold spaces and parentheses.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields && { state: fields[0] ?? '', start: Number(fields[19]) };
}

function readIfThere(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR', 'ESRCH', 'EACCES', 'EPERM'].includes(code)) return undefined;
    throw error;
  }
}
