import { setTimeout as delay } from 'node:timers/promises';

/** Asks again until the answer satisfies; for what happens in the background. */
export async function eventually<Value>(
  ask: () => Promise<Value>,
  satisfies: (value: Value) => boolean,
): Promise<Value> {
  for (;;) {
    const value = await ask();
    if (satisfies(value)) return value;
    await delay(20);
  }
}
