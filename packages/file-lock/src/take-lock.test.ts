import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { takeLock, type LockOwner } from './index.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'infratraq-lock-'));
  path = join(folder, 'owner');
});
afterEach(() => {
  jest.useRealTimers();
  rmSync(folder, { recursive: true });
});

/** Takes the lock and answers what its file says. */
function readOwner(): LockOwner {
  const lock = takeLock(path);
  if (!lock.taken) throw new Error('The lock is taken');
  const owner = JSON.parse(readFileSync(path, 'utf8')) as LockOwner;
  lock.release();
  return owner;
}

/** Writes a lock as its owner would have so many seconds ago. */
function forge(changes: Partial<LockOwner>, ageSeconds = 0): LockOwner {
  const owner = { ...readOwner(), ...changes };
  writeFileSync(path, JSON.stringify(owner));
  const time = Date.now() / 1000 - ageSeconds;
  utimesSync(path, time, time);
  return owner;
}

const elsewhere: Record<string, Partial<LockOwner>> = {
  'another host': { host: 'another' },
  'another boot of a host of that name': { boot: 'another' },
  'another container of a host of that name': { namespace: 'another' },
};

describe('a lock file', () => {
  it('has one owner at a time, and leaves nothing behind', () => {
    const first = takeLock(path);
    expect(first.taken).toBe(true);
    expect(takeLock(path)).toMatchObject({ taken: false, owner: { pid: process.pid } });
    if (first.taken) first.release();
    expect(readdirSync(folder)).toEqual([]);
    expect(takeLock(path).taken).toBe(true);
    expect(readdirSync(folder)).toEqual(['owner']);
  });

  it('tells owners apart by a token of their own', () => {
    expect(readOwner().token).not.toBe(readOwner().token);
  });

  it('is taken over at once from a process that has died, though its number may be in use again', () => {
    forge({ pid: 999_999_999 });
    expect(takeLock(path).taken).toBe(true);
    rmSync(path);
    forge({ start: 1 });
    expect(takeLock(path).taken).toBe(true);
  });

  it.each(Object.entries(elsewhere))(
    'is not taken over from %s while it is renewed, whatever runs under its number here',
    (_, changes) => {
      for (const pid of [process.pid, 999_999_999]) {
        const owner = forge({ ...changes, pid }, 50);
        expect(takeLock(path)).toEqual({ taken: false, owner, isElsewhere: true });
        expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(owner);
        rmSync(path);
      }
    },
  );

  it.each(Object.entries(elsewhere))('is taken over from %s after a minute', (_, changes) => {
    forge(changes, 61);
    expect(takeLock(path).taken).toBe(true);
  });

  it('is respected for a minute where it cannot be read', () => {
    writeFileSync(path, '17 4 x\n');
    expect(takeLock(path)).toEqual({ taken: false, owner: undefined, isElsewhere: false });
    utimesSync(path, 1, 1);
    expect(takeLock(path).taken).toBe(true);
  });

  it('tells its owner that another machine has taken it over while this one stood still', () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    const lock = takeLock(path);
    if (!lock.taken) throw new Error('The lock is taken');
    expect(lock.isHeld()).toBe(true);
    writeFileSync(path, 'somebody else');
    expect(lock.isHeld()).toBe(true);
    jest.setSystemTime(Date.now() + 61_000);
    expect(lock.isHeld()).toBe(false);
    lock.release();
    expect(readFileSync(path, 'utf8')).toBe('somebody else');
  });

  it('is renewed for as long as it is held, and only by its owner', () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    const lock = takeLock(path);
    utimesSync(path, 1, 1);
    jest.advanceTimersByTime(10_000);
    expect(statSync(path).mtimeMs).toBeGreaterThan(1_000);
    writeFileSync(path, 'somebody else');
    utimesSync(path, 1, 1);
    jest.advanceTimersByTime(10_000);
    expect(statSync(path).mtimeMs).toBe(1_000);
    if (lock.taken) lock.release();
    expect(readFileSync(path, 'utf8')).toBe('somebody else');
  });
});

describe('a lock file with a lock of the operating system', () => {
  it('is not taken over while its owner lives, however long it has not been renewed', () => {
    const lock = takeLock(path, { kernel: true });
    const owner = JSON.parse(readFileSync(path, 'utf8')) as LockOwner;
    // As another container would see it.
    writeFileSync(path, JSON.stringify({ ...owner, namespace: 'another', host: 'another' }));
    utimesSync(path, 1, 1);
    expect(takeLock(path, { kernel: true })).toMatchObject({ taken: false, isElsewhere: true });
    if (lock.taken) lock.release();
  });

  it('is taken over at once from an owner under the same kernel that has died, in whatever container', () => {
    forge({ namespace: 'another', host: 'another', kernel: true });
    expect(takeLock(path, { kernel: true }).taken).toBe(true);
  });

  it.each(Object.entries(elsewhere).filter(([, { boot }]) => boot))(
    'is not taken over from %s while it is renewed',
    (_, changes) => {
      forge({ ...changes, kernel: true }, 50);
      expect(takeLock(path, { kernel: true }).taken).toBe(false);
      rmSync(path);
      forge({ ...changes, kernel: true }, 61);
      expect(takeLock(path, { kernel: true }).taken).toBe(true);
    },
  );

  it('leaves nothing but an empty file behind, and can be taken again', () => {
    for (let round = 0; round < 3; round += 1) {
      const lock = takeLock(path, { kernel: true });
      expect(lock.taken).toBe(true);
      if (lock.taken) lock.release();
      expect(readdirSync(folder)).toEqual(['owner.held']);
    }
  });
});
