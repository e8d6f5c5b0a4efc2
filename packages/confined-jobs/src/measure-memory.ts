import { readFileSync } from 'node:fs';

/** Resident memory of a process, native libraries included; undefined where the system has no /proc. */
export function measureMemory(pid: number | 'self'): number | undefined {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    // The process has ended, or there is no /proc: then it watches itself.
    return undefined;
  }
}
