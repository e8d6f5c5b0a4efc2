import type { Models } from '@infratraq/mongo';
import { z } from 'zod';
import { checkInput } from '../history/audit-input.js';
import { CapturedSources } from './captured-sources.js';
import { ArchivedChanges } from './find-archived-changes.js';
import { findForeignChanges } from './find-foreign-changes.js';
import { findRemovedSeals } from './find-removed-seals.js';
import type { Finding } from './findings.js';
import { measureSealing } from './measure-sealing.js';
import { readRecordedRoots } from './record-seal.js';
import { readChanges, sealChange, type IdRange } from './read-changes.js';
import type { KeptSeal, RefusedChanges, SealKeeper, SealPublisher, SegmentReader } from './seal-ports.js';
import { firstHead, makeSeal, unpackChanges, writeSealFile, type SealedChange } from './seal.js';
import { lateSeconds } from './watch-sealing.js';

/** The outcome of verifying. */
export interface Verification {
  readonly seals: number;
  /** Changes that are stored as they were sealed. */
  readonly changes: number;
  /** Changes that are in the archive and no longer in the store. */
  readonly archived: number;
  /** Changes that the changelog refused, kept as they were sealed until they are replayed. */
  readonly refused: number;
  /** Seals of the last ten minutes that are not published yet; older ones are findings. */
  readonly waiting: number;
  /** How long the oldest change without a seal has waited; null until the last seal was looked at. */
  readonly unsealed_seconds: number | null;
  readonly findings: readonly Finding[];
  /** Where to go on; null once the last seal was looked at. */
  readonly next: number | null;
}

/** What verifying works with. */
export interface AuditVerifierOptions {
  readonly models: Models;
  readonly keeper: SealKeeper;
  readonly refused: RefusedChanges;
  readonly publisher?: SealPublisher | undefined;
  /** Without one, no change counts as archived: manifests are not believed. */
  readonly segments?: SegmentReader | undefined;
  /**
   * How long a change may wait for its seal, in seconds.
   * @default 600
   */
  readonly lateSeconds?: number;
  readonly now?: () => Date;
}

const verifySchema = z.object({ after: z.int().min(0), limit: z.int().min(1) });

/** Sealing comes before publishing, and a place that is away for a moment is tried again. */
const publishingMilliseconds = 600_000;

/** Finds changes that were altered, removed or inserted after they were sealed, and seals that were. */
export class AuditVerifier {
  readonly #options: AuditVerifierOptions;
  readonly #now: () => Date;

  constructor(options: AuditVerifierOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** Verifies up to `limit` seals after a sequence. */
  async verify({ after = 0, limit = 20 }: { after?: number; limit?: number } = {}): Promise<Verification> {
    checkInput(verifySchema, { after, limit });
    const { keeper } = this.#options;
    const seals = await keeper.list(after, limit);
    const findings: Finding[] = [];
    const recorded = await readRecordedRoots(this.#options.models, { after, limit });
    const archive = new ArchivedChanges(this.#options.models, this.#options.segments);
    const sources = new CapturedSources(await keeper.listSources());
    let [changes, archived, refused, waiting] = [0, 0, 0, 0];
    let previous = await this.#readPlace(after);
    for (const seal of seals) {
      const published = await this.#readPublished(seal.sequence);
      const sealed = unpackOrNone(seal.packed_changes);
      findings.push(...verifySeal(seal, sealed, previous, published));
      if (published === undefined && this.#options.publisher)
        if (this.#mayWait(seal)) waiting += 1;
        else findings.push(notPublished(seal.sequence));
      else if (this.#options.publisher && recorded.get(seal.sequence) !== seal.merkle_root)
        findings.push(recordedOtherwise(seal.sequence));
      const follows = seal.sequence === previous.sequence + 1 && previous.chain_head !== undefined;
      // What a removed seal named is unknown: only from its own first change on does this one tell of insertions.
      const found = await this.#verifyChanges(
        seal,
        sealed,
        follows ? { after: previous.last_id } : { from: seal.first_id },
        { archive, sources },
      );
      findings.push(...found.findings);
      changes += found.changes;
      archived += found.archived;
      refused += found.refused;
      previous = seal;
    }
    const last = seals.at(-1)?.sequence ?? after;
    const counted = { changes, archived, refused, waiting };
    if (seals.length === limit)
      return { seals: limit, ...counted, unsealed_seconds: null, findings, next: last };
    const room = limit - seals.length;
    const { findings: removed, next } = await findRemovedSeals(this.#options, last, room);
    findings.push(...removed);
    const unsealed_seconds = next === null ? await this.#verifyUnsealed(previous.last_id, findings) : null;
    return { seals: seals.length, ...counted, unsealed_seconds, findings, next };
  }

  /** Looks at what no seal covers; answers how long the oldest of it has waited. */
  async #verifyUnsealed(after: string | undefined, findings: Finding[]): Promise<number> {
    const { models, keeper } = this.#options;
    const foreign = await findForeignChanges(models, keeper, after);
    findings.push(...foreign);
    const { unsealed_seconds, oldest_unsealed_id: change_id } = await measureSealing({
      ...this.#options,
      now: this.#now,
    });
    const isNamed = foreign.some((one) => one.change_id === change_id);
    if (change_id !== undefined && !isNamed && unsealed_seconds > (this.#options.lateSeconds ?? lateSeconds))
      findings.push({
        kind: 'change:unsealed',
        change_id,
        detail: `it has waited for its seal for ${Math.round(unsealed_seconds)} s: sealing stands still`,
      });
    return unsealed_seconds;
  }

  /** What the first seal after a sequence has to continue, as far as it is known. */
  async #readPlace(sequence: number): Promise<Place> {
    if (sequence === 0) return { sequence, chain_head: firstHead };
    const [seal] = await this.#options.keeper.list(sequence - 1, 1);
    return seal?.sequence === sequence ? seal : { sequence };
  }

  #readPublished(sequence: number): Promise<string | undefined> {
    return this.#options.publisher?.read(sequence) ?? Promise.resolve(undefined);
  }

  /** A time to come is no excuse: it could be put off for ever. */
  #mayWait({ sealed_at }: KeptSeal): boolean {
    return Math.abs(this.#now().getTime() - sealed_at.getTime()) < publishingMilliseconds;
  }

  async #verifyChanges(
    { sequence, last_id: upTo }: KeptSeal,
    changesOfSeal: readonly SealedChange[],
    start: Pick<IdRange, 'after' | 'from'>,
    { archive, sources }: { readonly archive: ArchivedChanges; readonly sources: CapturedSources },
  ) {
    const findings: Finding[] = [];
    const sealed = new Map(changesOfSeal.map((change) => [change.change_id, change]));
    let [changes, archived, refused] = [0, 0, 0];
    const kept = await this.#readRefused(changesOfSeal);
    for await (const stored of readChanges(this.#options.models, { ...start, upTo })) {
      const change_id = stored._id;
      const expected = sealed.get(change_id);
      sealed.delete(change_id);
      const fault = sources.findFault(change_id);
      if (expected === undefined)
        findings.push({
          kind: 'change:inserted',
          sequence,
          change_id,
          detail: 'it was not there when its time was sealed',
        });
      else if (!expected.hash.equals(sealChange(stored).hash))
        findings.push({
          kind: 'change:altered',
          sequence,
          change_id,
          detail: 'its content is not what was sealed',
        });
      else if (fault !== undefined)
        findings.push({
          kind: 'change:inserted',
          sequence,
          change_id,
          detail: `it was sealed, and capture has not stored it: ${fault}`,
        });
      else changes += 1;
    }
    for (const { change_id, hash } of changesOfSeal)
      if (kept.get(change_id)?.equals(hash) && sealed.delete(change_id)) refused += 1;
    const explain = await archive.examine([...sealed.values()]);
    for (const missing of sealed.values()) {
      const reason = explain(missing);
      if (reason === undefined) archived += 1;
      else
        findings.push({
          kind: 'change:removed',
          sequence,
          change_id: missing.change_id,
          detail: `it was sealed, and is neither stored nor in the archive: ${reason}`,
        });
    }
    return { findings, changes, archived, refused };
  }

  /** The hashes of refused changes, by their ids; asked for first, for replaying stores them before it forgets them. */
  async #readRefused(changes: readonly SealedChange[]): Promise<ReadonlyMap<string, Buffer>> {
    const hashes = new Map<string, Buffer>();
    const [from, upTo] = [changes[0]?.change_id, changes.at(-1)?.change_id];
    if (from === undefined || upTo === undefined) return hashes;
    for await (const change of this.#options.refused.read({ from, upTo }))
      hashes.set(change._id, sealChange(change).hash);
    return hashes;
  }
}

/** A place in the chain of seals; where its seal is removed, nothing but its number is known. */
type Place = Pick<KeptSeal, 'sequence'> & Partial<Pick<KeptSeal, 'last_id' | 'chain_head'>>;

/** Findings on a seal itself, its place in the chain, and its published file. */
function verifySeal(
  { packed_changes: _packed, ...said }: KeptSeal,
  changes: readonly SealedChange[],
  previous: Place,
  published: string | undefined,
): Finding[] {
  const { sequence } = said;
  const findings: Finding[] = [];
  const altered = (detail: string) => findings.push({ kind: 'seal:altered', sequence, detail });
  const expected = previous.sequence + 1;
  if (sequence !== expected)
    findings.push({ kind: 'seal:removed', sequence: expected, detail: `seal ${sequence} comes next` });
  else if (said.previous_head !== (previous.chain_head ?? said.previous_head))
    altered('it does not continue the chain of the seal before');
  if (changes.length === 0) {
    altered('its list of changes cannot be read');
    return findings;
  }
  const before = { sequence: sequence - 1, chain_head: said.previous_head };
  const rightful = makeSeal(changes, before, said.sealed_at);
  if (rightful.merkle_root !== said.merkle_root) altered('its Merkle root is not that of its changes');
  if (rightful.chain_head !== said.chain_head) altered('its chain head is not that of its changes');
  if (
    rightful.first_id !== said.first_id ||
    rightful.last_id !== said.last_id ||
    rightful.change_count !== said.change_count
  )
    altered('it names other changes than it lists');
  if (published !== undefined && published !== writeSealFile({ ...said, changes }))
    altered('it is not the seal that was published');
  return findings;
}

const notPublished = (sequence: number): Finding => ({
  kind: 'seal:unpublished',
  sequence,
  detail: 'its file is gone, or publishing fails',
});

const recordedOtherwise = (sequence: number): Finding => ({
  kind: 'seal:altered',
  sequence,
  detail: 'archive_manifest does not record its Merkle root',
});

function unpackOrNone(packed: Uint8Array): SealedChange[] {
  try {
    return unpackChanges(packed);
  } catch (error) {
    // Bytes that cannot be unpacked are what verifying is for: they become a finding.
    if (/^Z_/.test((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
