import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SendOutcome } from '../senders/sender.js';
import { ProviderGate, type ProviderLimits } from './provider-gate.js';

const taken: SendOutcome = { outcome: 'accepted' };
const away: SendOutcome = { outcome: 'unreachable', error_code: 'ECONNREFUSED', error_message: 'away' };
const rejected: SendOutcome = { outcome: 'rejected', error_code: '550', error_message: 'no such user' };
const throttled = (retry_after_seconds?: number): SendOutcome => ({
  outcome: 'throttled',
  error_code: '429',
  error_message: 'slow down',
  ...(retry_after_seconds !== undefined && { retry_after_seconds }),
});

let time = 0;
beforeEach(() => {
  time = 1_000_000;
});
/** A gate whose clock moves only when it is told to, or when the gate itself waits. */
const openGate = (limits: ProviderLimits = {}) =>
  new ProviderGate(limits, {
    now: () => time,
    wait: async (milliseconds) => void (time += milliseconds),
    // The longest pauses.
    random: () => 1,
  });
const pass = async (gate: ProviderGate, outcome: SendOutcome) => {
  const passed = await gate.pass(async () => outcome);
  return passed.outcome === 'refused' ? passed.until.getTime() - time : passed.outcome;
};
const fail = async (gate: ProviderGate, times: number) => {
  for (let time = 0; time < times; time += 1) await pass(gate, away);
};
/** A message that is on its way until it is answered. */
function begin(gate: ProviderGate) {
  let answer: (outcome: SendOutcome) => void = () => undefined;
  let isBegun = false;
  const passed = gate.pass(() => {
    isBegun = true;
    return new Promise<SendOutcome>((resolve) => (answer = resolve));
  });
  return { passed, isBegun: () => isBegun, answer: (outcome: SendOutcome) => (answer(outcome), passed) };
}
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a provider that fails', () => {
  it('is spared after five failures in a row, then one message tries, and all go once that was taken', async () => {
    const gate = openGate();
    await fail(gate, 4);
    expect(gate.isOpen).toBe(true);
    await fail(gate, 1);
    expect(gate.isOpen).toBe(false);
    expect(await pass(gate, taken)).toBe(10_000);
    time += 10_000;
    const probe = begin(gate);
    expect(await pass(gate, taken)).toBe(1_000);
    await probe.answer(taken);
    expect(gate.isOpen).toBe(true);
    expect(await pass(gate, taken)).toBe('accepted');
  });

  it('is spared twice as long each time that the try fails too, five minutes at most', async () => {
    const gate = openGate();
    await fail(gate, 5);
    const pauses: unknown[] = [];
    for (let tries = 0; tries < 7; tries += 1) {
      const pause = (await pass(gate, taken)) as number;
      pauses.push(pause);
      time += pause;
      await fail(gate, 1);
    }
    expect(pauses).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  });

  it('is not spared for messages that it refuses, and a message that it takes ends the row of failures', async () => {
    const gate = openGate();
    for (const outcome of [taken, rejected]) {
      await fail(gate, 4);
      await pass(gate, outcome);
    }
    for (let times = 0; times < 20; times += 1) await pass(gate, rejected);
    expect(gate.isOpen).toBe(true);
  });

  it('is spared no longer because many messages failed together', async () => {
    const gate = openGate();
    const together = Array.from({ length: 20 }, () => begin(gate));
    await settle();
    for (const { answer } of together) await answer(away);
    expect(await pass(gate, taken)).toBe(10_000);
  });

  it('is spared by those, too, that were waiting for their turn', async () => {
    const gate = openGate({ concurrent: 5 });
    const all = await Promise.all(Array.from({ length: 30 }, () => pass(gate, away)));
    // Five at once, and one more for each of them that failed before the fifth did.
    expect(all.filter((outcome) => outcome === 'unreachable').length).toBeLessThan(10);
    expect(new Set(all.slice(10))).toEqual(new Set([10_000]));
  });

  it('is tried again by another message when the one that tried came to nothing', async () => {
    const gate = openGate();
    await fail(gate, 5);
    time += 10_000;
    expect(await gate.pass(async () => undefined)).toBeUndefined();
    const broken = gate.pass(async () => Promise.reject(new Error('a fault of ours')));
    await expect(broken).rejects.toThrow('a fault of ours');
    expect(await pass(gate, taken)).toBe('accepted');
  });
});

describe('a provider that asks to be left alone', () => {
  it('is left alone for as long, by everybody, without counting as failing', async () => {
    const gate = openGate();
    await pass(gate, throttled(7));
    expect(await pass(gate, taken)).toBe(7_000);
    time += 7_000;
    expect(await Promise.all([pass(gate, taken), pass(gate, taken)])).toEqual(['accepted', 'accepted']);
    const one = openGate({ concurrent: 1 });
    const waiting = [pass(one, throttled(7)), pass(one, taken), pass(one, taken)];
    expect(await Promise.all(waiting)).toEqual(['throttled', 7_000, 7_000]);
    for (let times = 0; times < 20; times += 1) await pass(gate, throttled());
    expect(gate.isOpen).toBe(true);
  });

  it('is left alone for a day at most, and not for what is no number', async () => {
    const gate = openGate();
    await pass(gate, throttled(Number.NaN));
    expect(gate.isOpen).toBe(true);
    await pass(gate, throttled(10_000_000));
    expect(await pass(gate, taken)).toBe(86_400_000);
  });
});

describe('the limits of a provider', () => {
  it('space messages out, and give back what would have to wait long', async () => {
    const gate = openGate({ perSecond: 10 });
    const at: number[] = [];
    const begun = time;
    for (let number = 0; number < 15; number += 1)
      await gate.pass(async () => (at.push(time - begun), taken));
    expect(at).toEqual(Array.from({ length: 15 }, (_, number) => number * 100));
    // A clock that stands still: everything comes at the same moment.
    const crowded = new ProviderGate({ perSecond: 10 }, { now: () => time, wait: async () => undefined });
    const together = await Promise.all(Array.from({ length: 40 }, () => pass(crowded, taken)));
    expect(together.filter((outcome) => outcome === 'accepted')).toHaveLength(21);
    expect(new Set(together.slice(21))).toEqual(new Set([2_100]));
  });

  it('hold for messages on their way at once, who follow in their order', async () => {
    const gate = openGate({ concurrent: 2 });
    const [first, second, third, fourth] = [begin(gate), begin(gate), begin(gate), begin(gate)] as const;
    await settle();
    const begun = () => [first, second, third, fourth].map(({ isBegun }) => isBegun());
    expect(begun()).toEqual([true, true, false, false]);
    await second.answer(taken);
    await settle();
    expect(begun()).toEqual([true, true, true, false]);
    await first.answer(away);
    await settle();
    expect(begun()).toEqual([true, true, true, true]);
    await Promise.all([third.answer(taken), fourth.answer(taken)]);
  });

  it('are free again after a sender has thrown', async () => {
    const gate = openGate({ concurrent: 1 });
    await expect(gate.pass(async () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await pass(gate, taken)).toBe('accepted');
  });
});
