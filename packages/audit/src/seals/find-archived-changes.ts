import { InfratraqError } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import type { ArchiveManifest } from '../collections/archive-manifest.js';
import { listSegmentsInTime } from '../collections/archive-manifest.queries.js';
import { findRoot } from './merkle-tree.js';
import { sealChange, type StoredChange } from './read-changes.js';
import type { SegmentReader } from './seal-ports.js';
import type { SealedChange } from './seal.js';

/** The hashes of a segment's changes by their ids, or the reason why it proves nothing. */
type SegmentContent = ReadonlyMap<string, Buffer> | string;

/**
 * Tells which changes are in the archive, by reading it.
 *
 * A manifest alone proves nothing: whoever can remove a change can write a manifest that claims it. A segment that gives
 * back a document with the sealed hash can not be forged.
 */
export class ArchivedChanges {
  readonly #models: Models;
  readonly #reader: SegmentReader | undefined;
  readonly #contents = new Map<number, Promise<SegmentContent>>();

  constructor(models: Models, reader: SegmentReader | undefined) {
    this.#models = models;
    this.#reader = reader;
  }

  /** Answers, for each of these changes, undefined when it is archived as it was sealed, or else why it is not. */
  async examine(missing: readonly SealedChange[]): Promise<(change: SealedChange) => string | undefined> {
    if (missing.length === 0) return () => undefined;
    // Ids are in the order of commits, and commit times nearly so.
    const times = missing.map(({ changed_at }) => changed_at.getTime());
    const found = await this.#models.find(listSegmentsInTime, {
      collection_name: 'entity_changelog',
      from: new Date(Math.min(...times)),
      to: new Date(Math.max(...times) + 1),
    });
    const segments = found.filter(({ state }) => state === 'stamped' || state === 'expired');
    const contents = new Map<number, SegmentContent>();
    for (const segment of segments) contents.set(segment.sequence, await this.#readOnce(segment));
    return (change) => {
      const covering = segments.filter(
        ({ range_from, range_to }) => range_from <= change.changed_at && change.changed_at < range_to,
      );
      if (covering.length === 0) return 'no archived segment covers its time';
      const reasons = covering.map(({ sequence }) => findFault(contents.get(sequence)!, sequence, change));
      return reasons.includes(undefined) ? undefined : reasons.join('; ');
    };
  }

  #readOnce(segment: ArchiveManifest): Promise<SegmentContent> {
    const known = this.#contents.get(segment.sequence);
    if (known !== undefined) return known;
    const content = this.#read(segment);
    this.#contents.set(segment.sequence, content);
    return content;
  }

  async #read(segment: ArchiveManifest): Promise<SegmentContent> {
    if (this.#reader === undefined) return 'cannot be read here, and its manifest alone proves nothing';
    const hashes = new Map<string, Buffer>();
    const leaves: Buffer[] = [];
    try {
      for await (const document of this.#reader.read(segment)) {
        const { change_id, hash } = sealChange(document as StoredChange);
        hashes.set(change_id, hash);
        leaves.push(hash);
      }
    } catch (error) {
      if (!isDamage(error)) throw error;
      return `cannot be read: ${error.message}`;
    }
    if (leaves.length === 0 || findRoot(leaves).toString('hex') !== segment.merkle_root)
      return 'is not what its manifest says: its Merkle root is another one';
    return hashes;
  }
}

function findFault(content: SegmentContent, sequence: number, change: SealedChange): string | undefined {
  if (typeof content === 'string') return `segment ${sequence} ${content}`;
  const hash = content.get(change.change_id);
  if (hash === undefined) return `segment ${sequence} does not hold it`;
  return hash.equals(change.hash) ? undefined : `segment ${sequence} holds it with other content`;
}

/** An object that is gone or damaged is what verifying is for; that storage is away is not. */
function isDamage(error: unknown): error is InfratraqError {
  return error instanceof InfratraqError && /^(object\.(not-found|corrupted)|segment\.)/.test(error.code);
}
