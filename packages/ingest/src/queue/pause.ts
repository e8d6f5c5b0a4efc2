/** A wait that can be cut short. */
export class Pause {
  #end: (() => void) | undefined;

  /** Waits this long, or until `cut`. */
  async wait(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#end = undefined;
  }

  cut(): void {
    this.#end?.();
  }
}

/** Milliseconds to wait before try `attempt` (from 1): doubling up to 5 seconds, at random so that writers spread. */
export function backOff(attempt: number): number {
  const ceiling = Math.min(5_000, 50 * 2 ** Math.min(attempt - 1, 10));
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}
