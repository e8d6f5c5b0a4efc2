import { EventEmitter, once } from 'node:events';

/** Tells any number of waiting consumers that there is something to read, and up to where. */
export class Wakeup {
  readonly #events = new EventEmitter<{ call: [] }>().setMaxListeners(0);
  #calls = 0;
  /** Everything before it is stored, as capture in this process knows before it is remembered; undefined without. */
  storedLsn: string | undefined;

  /** To be read before looking for changes, and given to `wait` when there were none. */
  get count(): number {
    return this.#calls;
  }

  call(): void {
    this.#calls += 1;
    this.#events.emit('call');
  }

  /** Resolves at the first call since `count` was read, after the time, or when the signal is aborted. */
  async wait(count: number, milliseconds: number, signal: AbortSignal): Promise<void> {
    if (this.#calls !== count || signal.aborted) return;
    const ended = AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
    await once(this.#events, 'call', { signal: ended }).catch((error: unknown) => {
      if (!ended.aborted) throw error;
    });
  }
}
