const initialPlaces = 1_024;

/**
 * Where each of many neighbours in one buffer ends. Its memory is used again: an array would live just long enough to be
 * moved among what lasts, for every batch anew.
 */
export class Ends {
  #values = new Uint32Array(initialPlaces);
  #count = 0;

  get length(): number {
    return this.#count;
  }

  /** The end at a place; before the first there is 0. */
  at(place: number): number {
    return place < 0 ? 0 : (this.#values[place] as number);
  }

  last(): number {
    return this.at(this.#count - 1);
  }

  push(end: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Uint32Array(2 * this.#count);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count] = end;
    this.#count += 1;
  }

  clear(): void {
    this.#count = 0;
  }

  /** Those until now, as long as nothing is cleared. */
  view(): Uint32Array {
    return this.#values.subarray(0, this.#count);
  }
}
