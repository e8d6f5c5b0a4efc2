import type { EntityReference } from '../policy/query.js';

/** Ways to reach a person. */
export const notificationChannels = ['in_app', 'email', 'push', 'sms'] as const;
export type NotificationChannel = (typeof notificationChannels)[number];

/** Whom a notification is for; everybody who is named in any way gets it once. */
export interface NotificationAudience {
  readonly users?: readonly string[];
  /** Names of groups, as the directory knows them. */
  readonly groups?: readonly string[];
  /** Everybody who follows this entity. */
  readonly followers_of?: EntityReference;
  /** Left out although they are named otherwise: who caused it need not be told. */
  readonly except?: readonly string[];
}

/** What is to be told, and to whom. */
export interface NotificationRequest {
  readonly to: NotificationAudience;
  /** Kind of notification as noun.past-verb (`comment.added`); its templates and preferences go by it. */
  readonly type: string;
  /** What the templates are filled with; checked against the type's schema. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Only these channels, within what the recipient allows; absent: what the recipient chose for the type. */
  readonly channels?: readonly NotificationChannel[];
  /** The recipients themselves chose `channels` for this very matter: they count, unless the type is muted. */
  readonly chosen_by_recipient?: boolean;
  /** What it is about. */
  readonly entity?: EntityReference;
  /** The same key sends once, however often it is asked for; asking for something else under it is a conflict. */
  readonly idempotency_key?: string;
  /** Notifications to one recipient with one key share one inbox item while it is unread (`thread:7`). */
  readonly collapse_key?: string;
  /** At most one notification per recipient and key in the type's throttle window. */
  readonly throttle_key?: string;
  /** Of no use after this time. */
  readonly not_after?: Date;
}

/** Tells people what happened; domains that have something to tell ask for it. */
export interface Notifier {
  /**
   * Resolves once the notification is promised: from then on it survives any crash.
   * @throws ConflictError where another notification was sent under its idempotency key
   */
  send(request: NotificationRequest): Promise<{ readonly notification_id: string }>;
  /** Takes back what was sent under an idempotency key: what waits is cancelled, inbox items go. */
  retract(idempotencyKey: string): Promise<void>;
}

/** How a recipient wants to be told; times of day are in their time zone. */
export interface RecipientPreferences {
  /** BCP 47 tag. */
  readonly locale: string;
  /** IANA time zone; one that is not known counts as UTC. */
  readonly time_zone: string;
  /** Rows of the notification matrix; the most specific one for a type and entity counts. */
  readonly notifications: readonly {
    /** A notification type, or `*`. */
    readonly type: string;
    readonly entity_type?: string | undefined;
    readonly entity_id?: string | undefined;
    /** Empty mutes. */
    readonly channels: readonly NotificationChannel[];
    /** Written by the recipient, and not by their organisation: nothing of the latter stands before what this mutes. */
    readonly own?: boolean;
  }[];
  /** Whether links in mails may tell that they were followed; they may not unless it is said. */
  readonly track_clicks?: boolean;
  /** Types that the recipient's mailbox has called spam: no mail of them is sent, unless it is critical. */
  readonly complained_types?: readonly string[];
  readonly quiet_hours: {
    readonly enabled: boolean;
    /** `HH:MM`; quiet hours that pass midnight end before they begin, those of a whole day when they begin. */
    readonly from: string;
    readonly to: string;
    /** ISO weekdays (1 is Monday) on which they begin. */
    readonly weekdays: readonly number[];
  };
  readonly digest: {
    readonly frequency: 'off' | 'hourly' | 'daily' | 'weekly';
    readonly at: string;
    /** ISO weekday of a weekly digest. */
    readonly weekday: number;
  };
}
