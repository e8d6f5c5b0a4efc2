import { trusted, type Stored } from '@infratraq/mongo';
import { AttachmentMetadata } from '../collections/attachment-metadata.js';
import {
  listAttachmentsAwaitingScan,
  listAttachmentsAwaitingThumbnails,
} from '../collections/attachment-metadata.queries.js';
import type { AttachmentContext } from '../files/attachment-context.js';
import { storeThumbnails } from '../thumbnails/store-thumbnails.js';
import { identityOf } from '../versions/identify-version.js';
import { examineAttachment } from './examine-attachment.js';

const perRound = 500;
/** One file may be at fault, or all; after so many in a row it is what they need that is away. */
const failuresInRow = 3;
/** A file that fails where others succeed is at fault itself, and left to the next sweep. */
const failuresOfOne = 3;

/**
 * Repeats what an upload could not get done because a service was away: scans and thumbnails. A round ends soon while the
 * service stays away, so that asking often costs little. Any number of processes may do so at once.
 */
export class PendingExaminations {
  readonly #context: AttachmentContext;
  /** Faults are told once until a round gets something done. */
  #isFailing = false;
  /** True at first: an earlier process may have left something. */
  #isDue = true;
  /** Rounds in which a file failed and others did not, by its record's id. */
  readonly #failures = new Map<string, number>();

  constructor(context: AttachmentContext) {
    this.#context = {
      ...context,
      onUnexamined: () => undefined,
      onError: (error, doing) => {
        if (!this.#isFailing) context.onError(error, doing);
      },
    };
  }

  /** Says that a file could not be examined. */
  note(): void {
    this.#isDue = true;
  }

  /** Does a round if something is known to wait: looking for it may cost more than a moment. */
  async repeatIfDue(): Promise<void> {
    if (this.#isDue) await this.repeat();
  }

  /** Does a round; answers how many files were scanned. */
  async repeat(): Promise<number> {
    const { models } = this.#context;
    this.#isDue = false;
    const unscanned = await models.find(listAttachmentsAwaitingScan, {}, { limit: perRound });
    const examined = await this.#tryEach(unscanned, { 'scan.verdict': 'pending' }, (attachment) =>
      this.#examine(attachment),
    );
    const due = await models.find(listAttachmentsAwaitingThumbnails, {}, { limit: perRound });
    await this.#tryEach(due, { thumbnails_due: trusted({ $exists: true }) }, (attachment) =>
      this.#makeThumbnails(attachment),
    );
    return examined;
  }

  async #tryEach(
    found: readonly Stored<AttachmentMetadata>[],
    isWaiting: Record<string, unknown>,
    work: (attachment: Stored<AttachmentMetadata>) => Promise<boolean>,
  ): Promise<number> {
    const { models } = this.#context;
    let done = 0;
    let failed = 0;
    const failing: string[] = [];
    if (found.length === perRound) this.#isDue = true;
    // In an order of its own, so that processes seldom do the same, and no single file keeps the others waiting.
    for (const attachment of shuffle(found)) {
      const id = String(attachment._id);
      if ((this.#failures.get(id) ?? 0) >= failuresOfOne) continue;
      const identity = { ...identityOf(attachment), state: 'stored' };
      if (!(await models.of(AttachmentMetadata).exists({ ...identity, ...isWaiting } as never))) continue;
      const isDone = await work(attachment);
      this.#isFailing = !isDone;
      if (isDone) done += 1;
      else failing.push(id);
      failed = isDone ? 0 : failed + 1;
      if (failed >= failuresInRow) break;
    }
    if (failing.length > 0) this.#isDue = true;
    if (done > 0) for (const id of failing) this.#failures.set(id, (this.#failures.get(id) ?? 0) + 1);
    return done;
  }

  async #examine(attachment: Stored<AttachmentMetadata>): Promise<boolean> {
    const { scan } = await examineAttachment(this.#context, attachment);
    return scan.verdict !== 'pending';
  }

  async #makeThumbnails(attachment: Stored<AttachmentMetadata>): Promise<boolean> {
    const preview = await storeThumbnails(this.#context, attachment);
    if (preview.thumbnails_due) return false;
    await this.#context.models.of(AttachmentMetadata).updateOne(identityOf(attachment), {
      $unset: { thumbnails_due: 1 },
      ...(Object.keys(preview).length > 0 && { $set: preview }),
    });
    return true;
  }
}

function shuffle<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((left, right) => left.place - right.place)
    .map(({ item }) => item);
}
