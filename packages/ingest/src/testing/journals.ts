import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { Journal } from '../journal/journal.js';
import type { JournalOptions } from '../journal/journal-options.js';
import { readDocument } from '../queue/recorded-event.js';
import { makeEvent } from './write-events.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Makes a folder that is gone after the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'infratraq-journal-'));
  folders.push(folder);
  return folder;
}
/** Appends an event to a lane; answers whether the journal took it. */
export function append(journal: Journal, lane: string, number: number, text = ''): boolean {
  return journal.append(Buffer.from(lane), [makeEvent(number, text)]) === 1;
}
/** Reads the numbers that an earlier process left in a lane. */
export function readAll(journal: Journal, lane: string): number[] {
  const numbers: number[] = [];
  for (const range of journal.claimRecovered(lane))
    while (range.count > 0)
      for (const event of journal.read(range, lane).events)
        numbers.push(readDocument(event)['number'] as number);
  return numbers;
}
export function reopen(folder: string, options: Partial<JournalOptions> = {}): Journal {
  return new Journal({ folder, ...options });
}
/** Leaves the mark of an owner that differs in some ways from this process. */
export function forgeOwner(folder: string, changes: object): void {
  const owner = join(folder, 'owner');
  const journal = reopen(folder);
  const mark = { ...(JSON.parse(readFileSync(owner, 'utf8')) as object), ...changes };
  journal.close();
  writeFileSync(owner, JSON.stringify(mark));
}
/** Paths of a folder's segments, oldest first. */
export const segmentsOf = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.journal'))
    .sort()
    .map((name) => join(folder, name));
