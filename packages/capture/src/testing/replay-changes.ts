import { isDeepStrictEqual } from 'node:util';
import type { Change, RowValue } from '../encoding/change.js';

/** A table that is rebuilt from its changes alone; rows are told apart by `key`, or by their content without one. */
export class ReplayedTable {
  readonly #key?: string;
  readonly #fromBeginning: boolean;
  #rowsByKey = new Map<string, RowValue[]>();
  /** Changes whose row before is not what the changes before them had left. */
  readonly contradictions: Change[] = [];

  /** `fromBeginning`: whether the changes begin with the table, so that each row before must be known. */
  constructor(key?: string, fromBeginning = true) {
    this.#key = key;
    this.#fromBeginning = fromBeginning;
  }

  apply(change: Change): void {
    if (change.operation === 'SNAPSHOT') return this.#assert(change);
    if (change.operation === 'TRUNCATE') this.#rowsByKey = new Map();
    if (change.whole_table) return;
    if (change.old_value !== null) this.#remove(change, change.old_value);
    if (change.new_value !== null) this.#add(change, change.new_value);
  }

  /** A snapshot says what is: it may not contradict what is known already. */
  #assert(change: Change): void {
    const { new_value } = change;
    if (new_value === null) this.#rowsByKey = new Map();
    else if (this.#key === undefined) this.#add(change, new_value);
    else {
      const [known] = this.#rowsByKey.get(this.#identify(new_value)) ?? [];
      if (known !== undefined && !isDeepStrictEqual(known, new_value)) this.contradictions.push(change);
      this.#rowsByKey.set(this.#identify(new_value), [new_value]);
    }
  }

  /** Every row as JSON, sorted: to be compared with the table's. */
  rows(): string[] {
    return [...this.#rowsByKey.values()]
      .flat()
      .map((row) => JSON.stringify(row))
      .sort();
  }

  #add(change: Change, row: RowValue): void {
    const rows = this.#rowsByKey.get(this.#identify(row)) ?? [];
    if (this.#key !== undefined && rows.length > 0) this.contradictions.push(change);
    this.#rowsByKey.set(this.#identify(row), [...rows, row]);
  }

  #remove(change: Change, row: RowValue): void {
    const rows = this.#rowsByKey.get(this.#identify(row)) ?? [];
    const index = rows.findIndex((candidate) => isDeepStrictEqual(candidate, row));
    if (index === -1 && (this.#fromBeginning || rows.length > 0)) this.contradictions.push(change);
    this.#rowsByKey.set(this.#identify(row), rows.toSpliced(index === -1 ? rows.length : index, 1));
  }

  #identify(row: RowValue): string {
    return this.#key === undefined ? JSON.stringify(row) : String(row[this.#key]);
  }
}
