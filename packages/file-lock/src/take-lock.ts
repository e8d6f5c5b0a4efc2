import { rmSync } from 'node:fs';
import { tryKernelLock, type KernelLock } from './kernel-lock.js';
import { ageBefore, readLockFile, renewLockFile, takeAway, tryLink, writeDraft } from './lock-file.js';
import { describeOwner, isAlive, isHere, isOnSameKernel, parseOwner, type LockOwner } from './lock-owner.js';

/** A lock that was taken, or who has it; an unreadable lock file names nobody. */
export type LockAttempt = TakenLock | RefusedLock;

/** A lock of this process. */
export interface TakenLock {
  readonly taken: true;
  /**
   * Whether it still is this process's. False once a process of another machine has taken it over, because this one
   * stood still for a minute. Costs nothing while the last renewal is recent.
   */
  isHeld(): boolean;
  release(): void;
}

/** A lock that another owner has. */
interface RefusedLock {
  readonly taken: false;
  readonly owner: LockOwner | undefined;
  /** The owner runs on another machine or in another container. */
  readonly isElsewhere: boolean;
}

interface LockOptions {
  /**
   * Also holds a lock of the operating system on `<path>.held`. It ends with the process and with nothing else: an owner
   * under the same kernel, in whatever container, is known to live or to be dead, and never guessed.
   * @default false
   */
  readonly kernel?: boolean;
}

const renewMilliseconds = 10_000;
/** A lock of another machine that was not renewed for so long is abandoned. */
const abandonedMilliseconds = 60_000;
/** An owner that was not able to renew for so long looks before it goes on. */
const doubtMilliseconds = 30_000;

/**
 * Takes the lock file at `path`, of which at most one process has each at a time. The lock of a process that has died
 * is taken over: at once where its death can be known, and after a minute without renewal anywhere else.
 *
 * @example
 * const lock = takeLock('/var/lib/app/owner', { kernel: true });
 * if (!lock.taken) throw new Error(`Process ${lock.owner?.pid} on ${lock.owner?.host} works here`);
 */
export function takeLock(path: string, { kernel = false }: LockOptions = {}): LockAttempt {
  const kernelLock = kernel ? tryKernelLock(`${path}.held`) : undefined;
  if (kernelLock === 'held') return refuse(parseOwner(readLockFile(path)?.text ?? ''));
  let draft: string | undefined;
  let isTaken = false;
  try {
    const mine = JSON.stringify(describeOwner(kernelLock !== undefined));
    draft = writeDraft(path, mine);
    for (;;) {
      isTaken = tryLink(draft, path);
      if (isTaken) return hold(path, mine, kernelLock);
      const found = readLockFile(path);
      if (found === undefined) continue;
      const owner = parseOwner(found.text);
      if (lives(owner, kernelLock) ?? ageBefore(draft, found.modifiedMilliseconds) <= abandonedMilliseconds)
        return refuse(owner);
      takeAway(path, found.text);
    }
  } finally {
    if (!isTaken) kernelLock?.end();
    if (draft !== undefined) rmSync(draft, { force: true });
  }
}

/** Whether an owner lives; undefined where only the age of its lock can tell. */
function lives(owner: LockOwner | undefined, kernelLock: KernelLock | undefined): boolean | undefined {
  if (!owner) return undefined;
  // The kernel lock is free, or this process would not have it.
  const isKnownDead = kernelLock !== undefined && owner.kernel === true && isOnSameKernel(owner);
  return isAlive(owner) ?? (isKnownDead ? false : undefined);
}

function refuse(owner: LockOwner | undefined): RefusedLock {
  return { taken: false, owner, isElsewhere: owner !== undefined && !isHere(owner) };
}

function hold(path: string, mine: string, kernelLock: KernelLock | undefined): TakenLock {
  let isMine = true;
  let renewedAt = Date.now();
  const renew = () => {
    isMine = renewLockFile(path, mine);
    renewedAt = Date.now();
    if (!isMine) end();
  };
  // Its closure keeps the kernel lock from being collected.
  const renewing = setInterval(renew, renewMilliseconds).unref();
  const end = () => {
    clearInterval(renewing);
    kernelLock?.end();
    kernelLock = undefined;
  };
  return {
    taken: true,
    isHeld() {
      if (isMine && Math.abs(Date.now() - renewedAt) > doubtMilliseconds) renew();
      return isMine;
    },
    release() {
      clearInterval(renewing);
      if (isMine && readLockFile(path)?.text === mine) rmSync(path, { force: true });
      end();
    },
  };
}
