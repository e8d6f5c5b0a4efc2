import { isDeepStrictEqual } from 'node:util';
import type { Change, RowValue } from '../change.js';

/** A table that is rebuilt from its changes alone; rows are told apart by `key`, or by their content without one. */
export class ReplayedTable {
  private rowsByKey = new Map<string, RowValue[]>();
  /** Changes whose row before is not what the changes before them had left. */
  readonly contradictions: Change[] = [];

  constructor(private readonly key?: string) {}

  apply(change: Change): void {
    if (change.operation === 'TRUNCATE') this.rowsByKey = new Map();
    if (change.old_value !== null) this.remove(change, change.old_value);
    if (change.new_value !== null) this.add(change, change.new_value);
  }

  /** Every row as JSON, sorted: to be compared with the table's. */
  rows(): string[] {
    return [...this.rowsByKey.values()]
      .flat()
      .map((row) => JSON.stringify(row))
      .sort();
  }

  private add(change: Change, row: RowValue): void {
    const rows = this.rowsByKey.get(this.identify(row)) ?? [];
    if (this.key !== undefined && rows.length > 0) this.contradictions.push(change);
    this.rowsByKey.set(this.identify(row), [...rows, row]);
  }

  private remove(change: Change, row: RowValue): void {
    const rows = this.rowsByKey.get(this.identify(row)) ?? [];
    const index = rows.findIndex((candidate) => isDeepStrictEqual(candidate, row));
    if (index === -1) this.contradictions.push(change);
    this.rowsByKey.set(this.identify(row), rows.toSpliced(index === -1 ? rows.length : index, 1));
  }

  private identify(row: RowValue): string {
    return this.key === undefined ? JSON.stringify(row) : String(row[this.key]);
  }
}
