const remembered = 20_000;

/**
 * Remembers which messages this process has announced.
 *
 * A process may store a message and end before it announces it. The process that receives the sender's retry announces it
 * then, unless it already has.
 */
export class AnnouncedMessages {
  readonly #ids = new Set<string>();

  /** True on the first call for a message. */
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
