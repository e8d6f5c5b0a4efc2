import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';

export interface EventuallyOptions {
  /** How long to go on asking; a minute when absent, for machines that are busy with other suites. */
  readonly withinMilliseconds?: number;
}

const pauseMilliseconds = 20;

/**
 * Asks again until the answer satisfies, for what happens in the background. Without `satisfies`, an answer that does
 * not throw does, so that `ask` may consist of expectations.
 *
 * @throws Error with the last answer once the time is over, or with what the last question threw as its cause
 * @example await eventually(() => collection.countDocuments(), (count) => count === 3);
 */
export async function eventually<Value>(
  ask: () => Value | Promise<Value>,
  satisfies: (value: Value) => boolean = () => true,
  { withinMilliseconds = 60_000 }: EventuallyOptions = {},
): Promise<Value> {
  const deadline = performance.now() + withinMilliseconds;
  for (;;) {
    const answer = await tryTo(ask);
    if ('value' in answer && satisfies(answer.value)) return answer.value;
    if (performance.now() > deadline) throw describeLast(answer, withinMilliseconds);
    await delay(pauseMilliseconds);
  }
}

type Answer<Value> = { readonly value: Value } | { readonly fault: unknown };

async function tryTo<Value>(ask: () => Value | Promise<Value>): Promise<Answer<Value>> {
  try {
    return { value: await ask() };
  } catch (fault) {
    return { fault };
  }
}

function describeLast(answer: Answer<unknown>, withinMilliseconds: number): Error {
  const seconds = withinMilliseconds / 1_000;
  if ('value' in answer)
    return new Error(`Not within ${seconds} s; the last answer was ${inspect(answer.value, { depth: 6 })}`);
  const reason = answer.fault instanceof Error ? answer.fault.message : inspect(answer.fault);
  return new Error(`Not within ${seconds} s; the last question threw: ${reason}`, { cause: answer.fault });
}
