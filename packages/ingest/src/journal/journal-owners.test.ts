import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { append, forgeOwner, makeFolder, readAll, reopen, segmentsOf } from '../testing/journals.js';
import { claimJournalFolder } from './claim-journal-folder.js';
import type { JournalFault } from './journal-options.js';
import { Journal } from './journal.js';
import { JournalInUseError } from './lock-journal.js';

describe('a journal', () => {
  it('has one owner at a time', () => {
    const folder = makeFolder();
    const owner = reopen(folder);
    expect(() => reopen(folder)).toThrow(JournalInUseError);
    owner.close();
    reopen(folder).close();
  });

  it('is given to the next process when its owner has died, even where the number is in use again', () => {
    const folder = makeFolder();
    for (const changes of [{ pid: 999_999_999 }, { start: 1 }]) {
      forgeOwner(folder, changes);
      reopen(folder).close();
    }
  });

  it('is not given to a process that cannot know whether its owner, on another host, lives', () => {
    const folder = makeFolder();
    forgeOwner(folder, { host: 'another', boot: 'another', pid: 999_999_999 });
    expect(() => reopen(folder)).toThrow(JournalInUseError);
    expect(() => reopen(folder)).toThrow(/belongs to process 999999999 on another, in another container/);
  });

  it('shares its root with no other machine', () => {
    const root = makeFolder();
    const first = claimJournalFolder(root);
    const second = claimJournalFolder(root);
    second.unlock();
    forgeOwner(second.folder, { host: 'another', boot: 'another' });
    expect(() => claimJournalFolder(root)).toThrow(
      expect.objectContaining({ code: 'journal.in-use', isElsewhere: true, folder: second.folder }),
    );
    utimesSync(join(second.folder, 'owner'), 1, 1);
    const third = claimJournalFolder(root);
    expect(third.folder).toBe(second.folder);
    for (const { unlock } of [first, third]) unlock();
  });

  it('is written no more once another machine has taken it over', async () => {
    const folder = makeFolder();
    const faults: JournalFault[] = [];
    let isHeld = true;
    const journal = new Journal({
      folder,
      unlock: () => undefined,
      isHeld: () => isHeld,
      onFault: (fault) => faults.push(fault),
    });
    append(journal, 'a', 1);
    isHeld = false;
    const [path] = segmentsOf(folder) as [string];
    const before = readFileSync(path);
    append(journal, 'a', 2);
    expect(readFileSync(path)).toEqual(before);
    expect(journal.isHealthy()).toBe(false);
    await Promise.resolve();
    expect(faults).toMatchObject([{ kind: 'taken-over', error: { code: 'journal.taken-over' } }]);
    journal.close();
    expect(readFileSync(path)).toEqual(before);
  });

  it('takes over what dead processes left in folders beside its own', () => {
    const root = makeFolder();
    const left = claimJournalFolder(root);
    const right = claimJournalFolder(root);
    expect(right.folder).not.toBe(left.folder);
    const abandoned = new Journal(right);
    for (const number of [1, 2]) append(abandoned, 'a', number);
    abandoned.close();
    left.unlock();
    const claimed = claimJournalFolder(root);
    expect(claimed.folder).toBe(left.folder);
    const heir = new Journal(claimed);
    expect(readAll(heir, 'a')).toEqual([1, 2]);
    heir.close();
  });
});
