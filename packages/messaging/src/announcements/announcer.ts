import {
  ConflictError,
  InvalidInputError,
  runAsActor,
  type NotificationRequest,
  type Notifier,
  type ReportError,
} from '@infratraq/kernel';
import {
  listOwed,
  type Announced,
  type OwedAnnouncement,
  type SettledAnnouncement,
  type SettlingTimes,
} from './owed-announcements.js';

/** Documents that hold announcements: comment threads, chat messages. */
export interface AnnouncementSource<Holder, Subject extends Announced> {
  /** Names the work in reports of failures. */
  readonly doing: string;
  /** Messages or comments of a document, the announcements of which are due. */
  listSubjects(holder: Holder): readonly Subject[];
  actorOf(subject: Subject): { readonly user_id: string; readonly cause_id?: string | undefined };
  /** The request for a notification; undefined when no recipient is left. */
  requestOf(
    holder: Holder,
    owed: OwedAnnouncement<Subject>,
  ): Promise<NotificationRequest | undefined> | NotificationRequest | undefined;
  /** Records what was sent and retracted, and returns the document as it is then. */
  settle(holder: Holder, settled: readonly SettledAnnouncement[], times: SettlingTimes): Promise<Holder>;
  /** Documents whose announcements have been due since before this time, the longest waiting first. */
  listWaiting(before: Date): Promise<readonly Holder[]>;
  /** Claims a waiting document for this process; null when another was faster, or when nothing is due any more. */
  claim(holder: Holder, now: Date): Promise<Holder | null>;
}

/** Ports of announcements. */
export interface AnnouncerOptions<Holder, Subject extends Announced> {
  readonly source: AnnouncementSource<Holder, Subject>;
  readonly notifier: Notifier;
  /** Receives failures to notify; what is due stays stored, and a later sweep tries again. */
  readonly onError: ReportError;
  readonly now?: (() => Date) | undefined;
}

/** Time after which another process takes over an announcement. */
const leaseMilliseconds = 60_000;

/**
 * Sends notifications of stored messages and comments, and retracts those of deleted ones. Unsent notifications are
 * stored together with what they announce, so that no crash loses one; idempotency keys prevent duplicates.
 */
export class Announcer<Holder, Subject extends Announced> {
  readonly #options: AnnouncerOptions<Holder, Subject>;
  readonly #now: () => Date;

  constructor(options: AnnouncerOptions<Holder, Subject>) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** Sends or retracts what is due for the chosen subjects of a document, or for all; it never rejects. */
  async announce(holder: Holder, chooses: (subject: Subject) => boolean = () => true): Promise<void> {
    const { source, onError } = this.#options;
    const tried = new Set<string>();
    let current = holder;
    // Until nothing new is due: a comment may be deleted while it is being announced.
    for (;;) {
      const owed = source
        .listSubjects(current)
        .filter(chooses)
        .flatMap((subject) => listOwed(subject))
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
        current = await source.settle(current, settled, { now, sendersEndedBefore });
      } catch (error) {
        onError(error, source.doing);
        return;
      }
    }
  }

  /** Resumes announcements that a crash or an absent notifier left unsent; returns the number of documents. */
  async sweep(): Promise<number> {
    const { source } = this.#options;
    const now = this.#now();
    let seen = 0;
    for (const waiting of await source.listWaiting(new Date(now.getTime() - leaseMilliseconds))) {
      const claimed = await source.claim(waiting, now);
      if (!claimed) continue;
      await this.announce(claimed);
      seen += 1;
    }
    return seen;
  }

  async #see(holder: Holder, owed: OwedAnnouncement<Subject>): Promise<boolean> {
    const { source, notifier, onError } = this.#options;
    const { user_id, cause_id } = source.actorOf(owed.subject);
    try {
      await runAsActor({ user_id, roles: [], ...(cause_id && { cause_id }) }, async () => {
        if (owed.act === 'retract') return notifier.retract(owed.announcement.key);
        const request = await source.requestOf(holder, owed);
        if (request) await notifier.send(request);
      });
      return true;
    } catch (error) {
      // Sent before, in other words: the text was edited meanwhile.
      if (error instanceof ConflictError) return true;
      onError(error, source.doing);
      // A request that is wrong in itself is refused as often as it is made.
      return error instanceof InvalidInputError;
    }
  }
}
