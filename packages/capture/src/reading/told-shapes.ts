import { describeTypes } from '../values/read-types.js';
import type { ShapeMessage } from './own-messages.js';
import type { TableDescription } from './table-catalog.js';

/** The shape of a table from a place in the log on; undefined from where the table is gone. */
export interface ToldShape {
  oid: number;
  /** Of the transaction that told it. */
  commitLsn: bigint;
  /** Its place among the shapes that the transaction told, from 0. */
  place: number;
  description: TableDescription | undefined;
}

/** Keeps what was told until every change that it applies to is stored: the log tells it only once. */
export type KeepShape = (
  shape: ToldShape & { message: Pick<ShapeMessage, 'key' | 'types'> | undefined },
) => Promise<void>;

/**
 * What the log itself has told of tables: their keys and types as they are at the place that is being read, however
 * far that is behind the catalog.
 */
export class ToldShapes {
  readonly #keep: KeepShape;
  /** Of each table in the order of the log; those after the place that is being read included. */
  readonly #shapes = new Map<number, ToldShape[]>();
  #commitLsn = 0n;
  #place = 0;

  /** Begins with what was told before, in the log's order. */
  constructor(known: readonly ToldShape[], keep: KeepShape) {
    this.#keep = keep;
    for (const shape of known) this.#shapes.set(shape.oid, [...(this.#shapes.get(shape.oid) ?? []), shape]);
  }

  /** A transaction begins to be read. */
  begin(commitLsn: bigint): void {
    this.#commitLsn = commitLsn;
    this.#place = 0;
  }

  /** Takes what is told at the place that is being read. */
  async learn(oid: number, message: ShapeMessage | undefined): Promise<void> {
    const description = message && { primaryKey: message.key, types: describeTypes(message.types) };
    const shape = { oid, commitLsn: this.#commitLsn, place: this.#place, description };
    this.#place += 1;
    // One that was read before is kept already, and so may later ones be.
    const later = (this.#shapes.get(oid) ?? []).filter((one) => isBefore(shape, one));
    this.#shapes.set(oid, [shape, ...later]);
    await this.#keep({ ...shape, message });
  }

  /** What the table is like at the place that is being read, as far as the log has told it. */
  find(oid: number): TableDescription | undefined {
    const here = { commitLsn: this.#commitLsn, place: this.#place };
    return this.#shapes.get(oid)?.findLast((shape) => isBefore(shape, here))?.description;
  }
}

type Place = Pick<ToldShape, 'commitLsn' | 'place'>;

function isBefore(one: Place, other: Place): boolean {
  return one.commitLsn === other.commitLsn ? one.place < other.place : one.commitLsn < other.commitLsn;
}
