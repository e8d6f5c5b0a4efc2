const compactAt = 4_096;

/** A queue whose head can be taken in batches without moving the rest each time. */
export class Fifo<Item> {
  #items: Item[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  *[Symbol.iterator](): Iterator<Item> {
    for (let place = this.#head; place < this.#items.length; place += 1) yield this.#items[place] as Item;
  }

  /** The item at a place counted from the head. */
  at(place: number): Item | undefined {
    return this.#items[this.#head + place];
  }

  take(count: number): Item[] {
    const taken = this.#items.slice(this.#head, this.#head + count);
    this.#head += taken.length;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= compactAt) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }
}
