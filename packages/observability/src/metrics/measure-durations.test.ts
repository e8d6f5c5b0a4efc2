import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { measureDurations, type DurationMeter } from './measure-durations.js';

const windows: { measured_at: Date; count: number }[] = [];
let meter: DurationMeter;

beforeEach(() => {
  jest.useFakeTimers({ now: new Date('2026-01-01T00:00:00Z') });
  windows.length = 0;
  const events = { record: (_class: unknown, document: object) => windows.push(document as never) > 0 };
  meter = measureDurations({ events, metric: 'm', service: 's', instance: 'i', windowSeconds: 10 });
});
afterEach(() => {
  meter.close();
  jest.useRealTimers();
});

const add = () => meter.add('GET /', 5, false);
const begun = () => windows.map(({ measured_at }) => measured_at.toISOString().slice(17, 19));

it('records one document per window, whichever of timer and occurrence ends it', () => {
  add();
  // The process was busy: an occurrence after the end comes before the timer.
  jest.advanceTimersByTime(9_990);
  jest.setSystemTime(new Date('2026-01-01T00:00:10.500Z'));
  add();
  jest.advanceTimersByTime(10);
  add();
  jest.advanceTimersByTime(10_000);
  add();
  jest.advanceTimersByTime(10_000);
  meter.close();
  expect(begun()).toEqual([...new Set(begun())]);
  expect(windows.reduce((sum, { count }) => sum + count, 0)).toBe(4);
});

it('records a window once when the timer is early or the clock is set back', () => {
  add();
  jest.setSystemTime(new Date('2025-12-31T23:59:55Z'));
  jest.advanceTimersByTime(10_000);
  add();
  jest.advanceTimersByTime(20_000);
  add();
  meter.close();
  expect(begun()).toEqual([...new Set(begun())]);
  expect(windows.reduce((sum, { count }) => sum + count, 0)).toBe(3);
});
