import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readInWindows, type Window } from './read-in-windows.js';

const within =
  ({ from = -Infinity, below = Infinity }: Window) =>
  (place: number) =>
    place >= from && place < below;

/** Reads from a list; a window that holds more than `capacity` items takes too long. */
function readFrom(places: readonly number[], direction: 1 | -1, capacity: number) {
  const sorted = places.toSorted((left, right) => direction * (left - right));
  let read = 0;
  return {
    sorted,
    itemsRead: () => read,
    read: async (
      window: Window,
      { limit, milliseconds }: { limit: number; milliseconds: number | undefined },
    ) => {
      const found = sorted.filter(within(window));
      if (milliseconds !== undefined && found.length > capacity) {
        read += capacity;
        return undefined;
      }
      read += found.length;
      return found.slice(0, limit);
    },
  };
}

const line = { end: 1_000_000, narrowest: 1 };

describe('windows', () => {
  it('give what a plain sort gives, wherever items lie and whatever takes too long', async () => {
    const place = fc.oneof(
      fc.integer({ min: 0, max: 1_000_000 }),
      fc.integer({ min: 499_990, max: 500_010 }),
      fc.integer({ min: -100, max: 0 }),
      fc.integer({ min: 1_000_000, max: 1_000_000_000 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(place, { maxLength: 60 }),
        fc.constantFrom(1 as const, -1 as const),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 1, max: 2_000_000 }),
        fc.option(fc.integer({ min: 0, max: 1_000_000 }), { nil: undefined }),
        async (places, direction, limit, capacity, width, target) => {
          const source = readFrom(places, direction, capacity);
          const [start, end] = direction === 1 ? [0, 1_000_000] : [1_000_000, 0];
          const options = { ...line, start, end, isOpen: true, width, target, direction, limit };
          const found = await readInWindows({ ...options, read: source.read });
          expect(found).toEqual(source.sorted.slice(0, limit));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each([1, -1] as const)(
    'read about as much as the limit, however much there is (%s)',
    async (direction) => {
      for (const count of [1_000, 100_000, 1_000_000]) {
        const source = readFrom(
          Array.from({ length: count }, (_, place) => place),
          direction,
          10_000,
        );
        const [start, end] = direction === 1 ? [0, count] : [count, 0];
        await readInWindows({
          ...line,
          start,
          end,
          isOpen: true,
          width: 100,
          direction,
          limit: 50,
          read: source.read,
        });
        expect(source.itemsRead()).toBeLessThan(1_000);
      }
    },
  );

  it('find what lies behind a long gap without reading all of it', async () => {
    const places = Array.from({ length: 500_000 }, (_, place) => place);
    const source = readFrom(places, -1, 10_000);
    const start = 100_000_000;
    const options = { ...line, start, end: 0, isOpen: true, width: 100, direction: -1 as const, limit: 50 };
    const found = await readInWindows({ ...options, read: source.read });
    expect(found).toEqual(source.sorted.slice(0, 50));
    expect(source.itemsRead()).toBeLessThan(200_000);
  });

  it('give up, and say so, where a narrow window takes as long as a wide one', async () => {
    let [reads, isVain] = [0, false];
    const found = await readInWindows({
      ...line,
      start: 0,
      isOpen: true,
      width: 1_000_000_000,
      direction: 1,
      limit: 2,
      read: async (window, { milliseconds }) => {
        reads += 1;
        return milliseconds === undefined ? [5, 7].filter(within(window)) : undefined;
      },
      onVain: () => void (isVain = true),
    });
    expect(found).toEqual([5, 7]);
    expect(isVain).toBe(true);
    expect(reads).toBeLessThan(10);
  });
});
