const remembered = 20_000;

/**
 * Remembers which messages this process has announced.
 *
 * A message can be stored by a process that dies before it announces it; whoever takes its sender's retry must then
 * announce it. One that was announced here needs no second time.
 */
export class AnnouncedMessages {
  readonly #ids = new Set<string>();

  /** True the first time that it is asked about a message. */
  add(messageId: string): boolean {
    if (this.#ids.has(messageId)) return false;
    this.#ids.add(messageId);
    if (this.#ids.size > remembered) {
      const [oldest] = this.#ids;
      this.#ids.delete(oldest as string);
    }
    return true;
  }
}
