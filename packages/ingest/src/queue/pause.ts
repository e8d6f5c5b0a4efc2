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
