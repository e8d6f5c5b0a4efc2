import type { Announcement } from '../collections/announcement.js';

/** A message or comment with its notifications. */
export interface Announced {
  readonly announcements?: Announcement[];
  readonly deleted_at?: Date;
}

/** A notification that is to be sent or retracted. */
export interface OwedAnnouncement<Subject extends Announced = Announced> {
  readonly subject: Subject;
  readonly announcement: Announcement;
  readonly act: 'send' | 'retract';
}

/** A notification that was sent or retracted. */
export type SettledAnnouncement = Pick<Announcement, 'key'> & Pick<OwedAnnouncement, 'act'>;

/** Times by which settled notifications are recorded. */
export interface SettlingTimes {
  readonly now: Date;
  /**
   * A retraction is final only for what was deleted before this: until then, the notification may still be on its way.
   */
  readonly sendersEndedBefore: Date;
}

/** Notifications that are due for a message or comment. */
export function listOwed<Subject extends Announced>(subject: Subject): OwedAnnouncement<Subject>[] {
  const act = subject.deleted_at ? 'retract' : 'send';
  return (subject.announcements ?? [])
    .filter(({ sent_at, retracted_at }) => (act === 'send' ? !sent_at : !retracted_at))
    .map((announcement) => ({ subject, announcement, act }));
}

/** The users of an edit's mentions whom no announcement and no earlier text has named. */
export function listFirstMentioned(
  mentions: readonly string[],
  announcements: readonly Announcement[],
  mentionedBefore: readonly string[] = [],
): string[] {
  const known = new Set([...mentionedBefore, ...announcements.flatMap(({ mentioned = [] }) => mentioned)]);
  return mentions.filter((user) => !known.has(user));
}

/** The notifications of a message or comment after some were sent or retracted. */
export function settleAnnouncements(
  { announcements = [], deleted_at }: Announced,
  settled: readonly SettledAnnouncement[],
  { now, sendersEndedBefore }: SettlingTimes,
): Announcement[] {
  const nobodySends = deleted_at !== undefined && deleted_at < sendersEndedBefore;
  return announcements.map((announcement) => {
    const acts = settled.filter(({ key }) => key === announcement.key).map(({ act }) => act);
    const { retracted_at: _retracted, ...before } = announcement;
    // Sent after its retraction: it must be retracted again.
    if (acts.includes('send')) return { ...before, sent_at: now };
    if (acts.includes('retract') && (before.sent_at || nobodySends)) return { ...before, retracted_at: now };
    return announcement;
  });
}
