import type { Models } from '@infratraq/mongo';
import { findOldestUnsealed } from './measure-sealing.js';
import { readChanges, sealChange, type IdRange } from './read-changes.js';
import { recordSeal } from './record-seal.js';
import type { RefusedChanges, SealKeeper, SealPublisher } from './seal-ports.js';
import { makeSeal, packChanges, unpackChanges, type Seal, type SealedChange } from './seal.js';

/** What sealing works with. */
export interface AuditSealerOptions {
  readonly models: Models;
  readonly keeper: SealKeeper;
  /** What the changelog refused: it is sealed in its place, so that it can be stored later without breaking a seal. */
  readonly refused: RefusedChanges;
  /** Where seals are published besides; without one they are only in PostgreSQL. */
  readonly publisher?: SealPublisher | undefined;
  /** Most changes under one seal; 5,000 when absent. */
  readonly changesPerSeal?: number;
  readonly now?: () => Date;
}

/**
 * Seals the audit trail: chains every change to the one before, and proves runs of changes by a Merkle root.
 *
 * Sealed is only what capture has confirmed, so that nothing rightful can come between sealed changes later on.
 */
export class AuditSealer {
  readonly #options: AuditSealerOptions;
  readonly #changesPerSeal: number;
  readonly #now: () => Date;

  constructor(options: AuditSealerOptions) {
    this.#options = options;
    this.#changesPerSeal = options.changesPerSeal ?? 5_000;
    this.#now = options.now ?? (() => new Date());
  }

  /** Seals all changes that can be sealed, publishes unpublished seals, and returns the new seals. */
  async seal(): Promise<Seal[]> {
    const made: Seal[] = [];
    for (let next = await this.#sealNext(); next !== undefined; next = await this.#sealNext())
      made.push(next);
    await this.#publish();
    return made;
  }

  #sealNext(): Promise<Seal | undefined> {
    const { keeper } = this.#options;
    return keeper.takeTurn(async ({ last, sealableBelow, append, noteComplete }) => {
      const after = last?.last_id;
      const changes =
        sealableBelow === undefined ? [] : await this.#readNext({ after, below: sealableBelow });
      if (changes.length === 0) {
        if ((await findOldestUnsealed(this.#options, after)) === undefined) await noteComplete();
        return undefined;
      }
      const { changes: _changes, ...seal } = makeSeal(changes, last, this.#now());
      await append({ ...seal, packed_changes: packChanges(changes) });
      return seal;
    });
  }

  async #readNext(range: IdRange): Promise<SealedChange[]> {
    const { models, refused } = this.#options;
    const found = new Map<string, SealedChange>();
    // Those first: what is replayed meanwhile is in the changelog before it leaves them.
    for await (const change of refused.read(range)) {
      found.set(change._id, sealChange(change));
      if (found.size === this.#changesPerSeal) break;
    }
    for await (const change of readChanges(models, range, this.#changesPerSeal))
      found.set(change._id, sealChange(change));
    return [...found.values()]
      .sort((one, other) => (one.change_id < other.change_id ? -1 : 1))
      .slice(0, this.#changesPerSeal);
  }

  async #publish(): Promise<void> {
    const { keeper, models, publisher } = this.#options;
    if (publisher === undefined) return;
    for (
      let seals = await keeper.listUnpublished(20);
      seals.length > 0;
      seals = await keeper.listUnpublished(20)
    )
      for (const { packed_changes, ...seal } of seals) {
        const whole = { ...seal, changes: unpackChanges(packed_changes) };
        // First, so that a seal that is published is recorded, too.
        await recordSeal(models, whole, publisher.uriOf(seal.sequence));
        await publisher.publish(whole);
        await keeper.markPublished(seal.sequence);
      }
  }
}
