import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { append, makeFolder, readAll, reopen, segmentsOf } from '../testing/journals.js';
import { makeEvent } from '../testing/write-events.js';
import type { JournalFault } from './journal-options.js';

describe('the journal', () => {
  it('gives back what it took, by lane and in order, after it was closed or left behind', () => {
    const folder = makeFolder();
    const first = reopen(folder, { segmentBytes: 400 });
    for (let number = 0; number < 50; number += 1) append(first, number % 3 === 0 ? 'a' : 'b', number);
    first.close();
    expect(segmentsOf(folder).length).toBeGreaterThan(3);
    const second = reopen(folder);
    expect(second.metrics()).toMatchObject({ recovered: 50, damagedSegments: 0, tornBytes: 0 });
    expect(second.unclaimedLanes().sort()).toEqual(['a', 'b']);
    const everyThird = Array.from({ length: 17 }, (_, place) => place * 3);
    expect(readAll(second, 'a')).toEqual(everyThird);
    expect(readAll(second, 'b')).toEqual(
      Array.from({ length: 50 }, (_, number) => number).filter((number) => number % 3 !== 0),
    );
    second.close();
  });

  it('deletes a segment once all of its events are settled, and only then', () => {
    const folder = makeFolder();
    const journal = reopen(folder, { segmentBytes: 300 });
    const events = Array.from({ length: 20 }, (_, number) => makeEvent(number));
    for (const event of events) journal.append(Buffer.from('a'), [event]);
    const before = segmentsOf(folder).length;
    const [oldest] = events;
    const together = events.filter(({ segment }) => segment === oldest?.segment);
    for (const { segment } of together.slice(1)) journal.settle(segment!);
    expect(segmentsOf(folder)).toHaveLength(before);
    journal.settle(oldest!.segment!);
    expect(segmentsOf(folder)).toHaveLength(before - 1);
    for (const event of events) if (!together.includes(event)) journal.settle(event.segment!);
    journal.close();
    expect(segmentsOf(folder)).toEqual([]);
  });

  it('takes nothing beyond its budget, keeps the oldest, and takes more when there is room again', () => {
    const folder = makeFolder();
    const journal = reopen(folder, { maximumBytes: 2_000 });
    const taken = Array.from({ length: 100 }, (_, number) => append(journal, 'a', number));
    const count = taken.indexOf(false);
    expect(count).toBeGreaterThan(10);
    expect(taken.slice(count).every((one) => !one)).toBe(true);
    expect(journal.metrics().bytes).toBeLessThanOrEqual(2_000);
    journal.close();
    const again = reopen(folder, { maximumBytes: 2_000 });
    expect(append(again, 'a', 100)).toBe(false);
    const ranges = again.claimRecovered('a');
    for (const { segment, count: events } of ranges) again.settle(segment, events);
    expect(append(again, 'a', 101)).toBe(true);
    again.close();
  });

  it('holds an event that is larger than a segment', () => {
    const folder = makeFolder();
    const journal = reopen(folder);
    append(journal, 'a', 1, 'x'.repeat(3_000_000));
    append(journal, 'a', 2);
    journal.close();
    const again = reopen(folder);
    expect(readAll(again, 'a')).toEqual([1, 2]);
    again.close();
  });

  it('reports a damaged segment in the middle, replays what is before the damage and all other segments, and keeps the file', () => {
    const folder = makeFolder();
    const journal = reopen(folder, { segmentBytes: 300 });
    for (let number = 0; number < 30; number += 1) append(journal, 'a', number);
    journal.close();
    const [, middle] = segmentsOf(folder) as [string, string];
    const content = readFileSync(middle);
    content[content.length - 10]! ^= 0xff;
    writeFileSync(middle, content);
    const faults: JournalFault[] = [];
    const again = reopen(folder, { onFault: (fault) => faults.push(fault) });
    const numbers = readAll(again, 'a');
    expect(again.metrics()).toMatchObject({ damagedSegments: 1, tornBytes: 0 });
    const lost = Array.from({ length: 30 }, (_, number) => number).filter(
      (number) => !numbers.includes(number),
    );
    expect(lost).toHaveLength(1);
    expect(numbers).toEqual([...numbers].sort((left, right) => left - right));
    again.close();
    return Promise.resolve().then(() =>
      expect(faults).toMatchObject([{ kind: 'damaged-segment', path: middle, bytes: expect.any(Number) }]),
    );
  });

  it('keeps a damaged file aside when everything else in it is settled', () => {
    const folder = makeFolder();
    const journal = reopen(folder, { segmentBytes: 100 });
    for (let number = 0; number < 4; number += 1) append(journal, 'a', number);
    journal.close();
    const [first] = segmentsOf(folder) as [string];
    truncateSync(first, readFileSync(first).length - 1);
    const again = reopen(folder);
    for (const { segment, count } of again.claimRecovered('a')) again.settle(segment, count);
    again.close();
    expect(segmentsOf(folder)).toEqual([]);
    expect(existsSync(`${first}.damaged`)).toBe(true);
  });
});

/** How many bytes are as they were, up to the first that is missing or wrong. */
function countUnharmed(before: Buffer, after: Buffer): number {
  const first = before.findIndex((byte, place) => byte !== after[place]);
  return first < 0 ? before.length : first;
}

describe('whatever happens to its last segment', () => {
  const lanes = fc.constantFrom('a', 'b');
  const entries = fc.array(fc.record({ lane: lanes, text: fc.string({ maxLength: 40 }) }), { maxLength: 30 });

  it('the journal gives back exactly the events before the first byte that is missing or wrong', () => {
    const prototype = makeFolder();
    fc.assert(
      fc.property(
        entries,
        fc.array(fc.record({ at: fc.nat(), flip: fc.option(fc.integer({ min: 1, max: 255 })) }), {
          maxLength: 2,
        }),
        fc.array(entries, { maxLength: 2 }),
        (written, faults, later) => {
          const folder = mkdtempSync(join(prototype, 'run-'));
          const journal = reopen(folder);
          const ends: number[] = [];
          for (const [number, { lane, text }] of written.entries()) {
            append(journal, lane, number, text);
            ends.push(journal.metrics().bytes);
          }
          journal.close();
          // As a crash leaves it: somewhere cut, somewhere garbage.
          const [path] = segmentsOf(folder);
          const before = path ? readFileSync(path) : Buffer.alloc(0);
          for (const { at, flip } of path ? faults : []) {
            const content = readFileSync(path!);
            const place = content.length === 0 ? 0 : at % content.length;
            if (flip === null) truncateSync(path!, place);
            else if (content.length > 0) {
              content[place]! ^= flip;
              writeFileSync(path!, content);
            }
          }
          const whole = path ? countUnharmed(before, readFileSync(path)) : 0;
          let expected = written
            .map(({ lane }, number) => ({ lane, number }))
            .slice(0, ends.filter((end) => end <= whole).length);
          // Opening it again, and writing on, changes nothing about that.
          for (const [round, more] of later.entries()) {
            const reopened = reopen(folder);
            for (const [place, { lane, text }] of more.entries()) {
              const number = 1_000 * (round + 1) + place;
              append(reopened, lane, number, text);
              expected = [...expected, { lane, number }];
            }
            reopened.close();
          }
          const last = reopen(folder);
          for (const lane of ['a', 'b'])
            expect(readAll(last, lane)).toEqual(
              expected.filter((one) => one.lane === lane).map(({ number }) => number),
            );
          expect(last.metrics().recovered).toBe(expected.length);
          last.close();
          rmSync(folder, { recursive: true });
        },
      ),
      // Among them two faults that undo each other.
      { numRuns: 150, examples: [[[{ lane: 'a', text: '' }], Array(2).fill({ at: 9, flip: 1 }), []]] },
    );
  });

  it('an event that is interrupted at any byte costs no other', () => {
    const folder = makeFolder();
    const journal = reopen(folder);
    for (const number of [1, 2, 3]) append(journal, 'a', number);
    journal.close();
    const [path] = segmentsOf(folder) as [string];
    const content = readFileSync(path);
    copyFileSync(path, join(folder, 'original'));
    const size = (content.length - 8) / 3;
    for (let cut = content.length - size + 1; cut < content.length; cut += 1) {
      writeFileSync(path, content.subarray(0, cut));
      const again = reopen(folder);
      expect(readAll(again, 'a')).toEqual([1, 2]);
      expect(again.metrics()).toMatchObject({ tornBytes: cut - (content.length - size), damagedSegments: 0 });
      again.close();
    }
  });
});
