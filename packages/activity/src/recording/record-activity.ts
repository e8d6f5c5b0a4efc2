import { createHash } from 'node:crypto';
import type { Actor, EventRecorder } from '@infratraq/kernel';
import { Types } from 'mongoose';
import { UserActivityEvent } from '../collections/user-activity-event.js';

/** One event as a client reports it; user, session and address come from the actor. */
export interface ReportedActivity extends Partial<
  Pick<
    UserActivityEvent,
    | 'occurred_at'
    | 'session_id'
    | 'module'
    | 'page'
    | 'element'
    | 'duration_ms'
    | 'entity_type'
    | 'entity_id'
    | 'device'
    | 'properties'
  >
> {
  readonly event_type: string;
  /** The client's own id of the event, unique per user: an event that is sent twice is stored once. */
  readonly event_id?: string | undefined;
}

/**
 * Records what an actor did, in the background, one event after the other until one is refused. Answers how many were
 * taken.
 */
export function recordActivity(
  events: EventRecorder,
  actor: Actor,
  activities: readonly ReportedActivity[],
): number {
  const received_at = new Date();
  const refused = activities.findIndex(
    ({ event_id, ...activity }) =>
      !events.record(UserActivityEvent, {
        ...activity,
        _id: event_id === undefined ? new Types.ObjectId() : deriveId(actor.user_id, event_id),
        occurred_at: activity.occurred_at ?? received_at,
        received_at,
        user_id: actor.user_id,
        session_id: activity.session_id ?? actor.session_id,
        ip_address: actor.ip_address,
        cause_id: actor.cause_id,
      }),
  );
  return refused < 0 ? activities.length : refused;
}

function deriveId(userId: string, eventId: string): Types.ObjectId {
  const digest = createHash('sha256')
    .update(JSON.stringify([userId, eventId]))
    .digest('hex');
  return new Types.ObjectId(digest.slice(0, 24));
}
