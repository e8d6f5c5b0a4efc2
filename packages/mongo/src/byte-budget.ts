import { mongo } from 'mongoose';

/** How many bytes of documents a read may give. */
export class ByteBudget {
  readonly #bytes: number;
  readonly #admitsFirst: boolean;
  #used = 0;
  #isSpent = false;

  /** Without `admitsFirst`, a document that alone is larger than the budget is refused, too. */
  constructor(bytes: number, { admitsFirst = true }: { admitsFirst?: boolean } = {}) {
    this.#bytes = bytes;
    this.#admitsFirst = admitsFirst;
  }

  /** Whether a document was refused: reading ends there. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** Takes documents one by one until one is refused, which is the last of those that it answers. */
  async take<Document extends object>(documents: AsyncIterable<Document>): Promise<Document[]> {
    const taken: Document[] = [];
    let used = this.#used;
    for await (const document of documents) {
      taken.push(document);
      used += mongo.BSON.calculateObjectSize(document);
      const isFirst = this.#admitsFirst && this.#used === 0 && taken.length === 1;
      if (used <= this.#bytes || isFirst) continue;
      this.#isSpent = true;
      break;
    }
    // Not before the read has succeeded: one that runs out of time is begun again.
    this.#used = used;
    return taken;
  }
}

/** The size of documents as they are stored. */
export function countBytes(documents: readonly object[]): number {
  return documents.reduce((bytes, document) => bytes + mongo.BSON.calculateObjectSize(document), 0);
}
