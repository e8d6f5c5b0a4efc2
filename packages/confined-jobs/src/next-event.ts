import type { EventEmitter } from 'node:events';

/** Resolves with the first of these events, and leaves no listener behind. */
export function nextEvent(from: EventEmitter, names: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      for (const name of names) from.off(name, settle);
      resolve();
    };
    for (const name of names) from.on(name, settle);
  });
}
