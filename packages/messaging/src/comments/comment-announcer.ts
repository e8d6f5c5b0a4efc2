import { runAsActor, type Notifier, type ReportError } from '@infratraq/kernel';
import type { Models, Stored } from '@infratraq/mongo';
import { CommentThread } from '../collections/comment-thread.js';
import { listThreadsToAnnounce } from '../collections/comment-thread.queries.js';
import {
  listOwed,
  requestOf,
  settleAnnouncements,
  type OwedAnnouncement,
  type SettledAnnouncement,
} from './owe-announcements.js';
import { changeThread, findThread, referenceOf } from './store-thread.js';

/** Models and ports of announcements. */
export interface CommentAnnouncerOptions {
  readonly models: Models;
  readonly notifier: Notifier;
  /** Receives failures to notify; the comment stays, and a later sweep tries again. */
  readonly onError: ReportError;
  readonly now?: (() => Date) | undefined;
}

/** Time after which another process takes over an announcement. */
const leaseMilliseconds = 60_000;
const sweptThreads = 100;

/**
 * Sends notifications of stored comments, and retracts those of deleted ones. Unsent notifications are stored in the
 * thread together with the comment, so that no crash loses one; idempotency keys prevent duplicates.
 */
export class CommentAnnouncer {
  readonly #options: CommentAnnouncerOptions;
  readonly #now: () => Date;

  constructor(options: CommentAnnouncerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** Sends or retracts what is due for one comment of a thread, or for all; it never rejects. */
  async announce(thread: Stored<CommentThread>, commentId?: string): Promise<void> {
    const tried = new Set<string>();
    const { models, onError } = this.#options;
    let current = thread;
    // Until nothing new is due: a comment may be deleted while it is being announced.
    for (;;) {
      const owed = current.comments
        .filter(({ comment_id }) => commentId === undefined || comment_id === commentId)
        .flatMap(listOwed)
        .filter(({ announcement, act }) => !tried.has(`${act} ${announcement.key}`));
      if (owed.length === 0) return;
      const settled: SettledAnnouncement[] = [];
      for (const one of owed) {
        tried.add(`${one.act} ${one.announcement.key}`);
        if (await this.#see(current, one)) settled.push({ key: one.announcement.key, act: one.act });
      }
      if (settled.length === 0) return;
      const now = this.#now();
      const sendersEndedBefore = new Date(now.getTime() - leaseMilliseconds);
      try {
        const { thread: changed } = await changeThread(models, referenceOf(current), (latest) =>
          settleAnnouncements(latest, settled, { now, sendersEndedBefore }),
        );
        current = changed;
      } catch (error) {
        onError(error, 'notifying of comments');
        return;
      }
    }
  }

  /** Resumes announcements that a crash or an absent notifier left unsent; returns the number of threads. */
  async sweep(): Promise<number> {
    const { models } = this.#options;
    const now = this.#now();
    const before = new Date(now.getTime() - leaseMilliseconds);
    const waiting = await models.find(listThreadsToAnnounce, { before }, { limit: sweptThreads });
    let seen = 0;
    for (const { _id, announcing_since } of waiting) {
      const claimed = await models
        .of(CommentThread)
        .findOneAndUpdate({ _id, announcing_since }, { $set: { announcing_since: now } })
        .lean<Stored<CommentThread> | null>();
      // Another process was faster, or nothing is due any more.
      if (!claimed) continue;
      await this.announce(await findThread(models, referenceOf(claimed)));
      seen += 1;
    }
    return seen;
  }

  async #see(thread: Stored<CommentThread>, owed: OwedAnnouncement): Promise<boolean> {
    const { notifier, onError } = this.#options;
    const { author_id: user_id, cause_id } = owed.comment;
    try {
      await runAsActor({ user_id, roles: [], ...(cause_id && { cause_id }) }, async () => {
        if (owed.act === 'retract') return notifier.retract(owed.announcement.key);
        const request = requestOf(thread, owed);
        if (request) await notifier.send(request);
      });
      return true;
    } catch (error) {
      onError(error, 'notifying of comments');
      return false;
    }
  }
}
