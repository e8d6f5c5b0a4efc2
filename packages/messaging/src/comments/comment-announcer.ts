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

/** What announcing stands on. */
export interface CommentAnnouncerOptions {
  readonly models: Models;
  readonly notifier: Notifier;
  /** Receives failures to notify; the comment stays, and a later sweep tries again. */
  readonly onError: ReportError;
  readonly now?: (() => Date) | undefined;
}

/** How long somebody who began to announce is given before another one takes over. */
const leaseMilliseconds = 60_000;
const sweptThreads = 100;

/**
 * Tells the notifier of comments that are stored, and takes back what was told of deleted ones. What is owed stands in
 * the thread itself, written with the comment, so that no crash loses it; keys keep the notifier from telling twice.
 */
export class CommentAnnouncer {
  readonly #options: CommentAnnouncerOptions;
  readonly #now: () => Date;

  constructor(options: CommentAnnouncerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** Sees to what one comment of a thread owes, or all of them; never fails. */
  async announce(thread: Stored<CommentThread>, commentId?: string): Promise<void> {
    const tried = new Set<string>();
    const { models, onError } = this.#options;
    let current = thread;
    // Until nothing new is owed: a comment may be deleted while it is being announced.
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

  /** Sees to what a crash or an absent notifier left undone; answers how many threads it looked after. */
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
      // Another process was faster, or there is nothing left to do.
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
