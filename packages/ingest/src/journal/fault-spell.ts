/** One spell of faults, from the first until there has been none for a while. */
export interface FaultSpell {
  readonly faults: number;
  readonly since: Date;
  readonly until: Date;
}

/** Work must have gone well for so long before a spell counts as over: a disk that is nearly full takes some and not others. */
const quietMilliseconds = 10_000;

/** Tells when a spell of faults begins and when it ends, however many there are in between. */
export class FaultSpells {
  #faults = 0;
  #since = 0;
  #last = 0;

  /** Counts a fault; answers whether a spell begins with it. */
  fault(): boolean {
    this.#last = Date.now();
    if (this.#faults === 0) this.#since = this.#last;
    this.#faults += 1;
    return this.#faults === 1;
  }

  /** Call it when work went well; answers the spell that is over by that. */
  success(): FaultSpell | undefined {
    if (this.#faults === 0 || Date.now() - this.#last < quietMilliseconds) return undefined;
    return this.end();
  }

  /** Ends the spell whatever comes. */
  end(): FaultSpell | undefined {
    if (this.#faults === 0) return undefined;
    const spell = { faults: this.#faults, since: new Date(this.#since), until: new Date(this.#last) };
    this.#faults = 0;
    return spell;
  }
}
