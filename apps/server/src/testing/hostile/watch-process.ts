import { readdirSync, readFileSync } from 'node:fs';

const sampleMilliseconds = 20;

/** Resident memory of a process and of everything that it has started. */
function measureTree(pid: number): number {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const parent = Number(/\) \S (\d+)/.exec(read(`/proc/${entry}/stat`))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const measure = (one: number): number =>
    Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${one}/status`))?.[1] ?? 0) * 1024 +
    (children.get(one) ?? []).reduce((sum, child) => sum + measure(child), 0);
  return measure(pid);
}

/** Follows the memory of a process and its children. */
export class MemoryWatch {
  readonly #timer: NodeJS.Timeout;
  #most = 0;

  constructor(pid: number) {
    this.#timer = setInterval(
      () => (this.#most = Math.max(this.#most, measureTree(pid))),
      sampleMilliseconds,
    );
  }

  /** The most since this was asked last. */
  takeMost(): number {
    const most = this.#most;
    this.#most = 0;
    return most;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // The process has ended meanwhile.
    return '';
  }
}
