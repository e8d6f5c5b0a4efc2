import { DefinitionError, type NotificationChannel } from '@infratraq/kernel';
import type { z } from 'zod';

/** Text for a channel that shows a title and a body: inbox and push. */
export interface TextTemplate {
  readonly title: string;
  readonly body: string;
  /** Where a click leads. */
  readonly url?: string;
}

/** An email; its text part is made from the HTML where none is given. */
export interface EmailTemplate {
  readonly subject: string;
  readonly html: string;
  readonly text?: string;
  readonly url?: string;
}

/** A text message. */
export interface SmsTemplate {
  readonly body: string;
}

type ByLocale<Template> = Readonly<Record<string, Template>>;

/** Templates in Liquid by channel and BCP 47 tag; a channel without one is not used for the type. */
export interface NotificationTemplates {
  readonly in_app?: ByLocale<TextTemplate>;
  readonly push?: ByLocale<TextTemplate>;
  readonly email?: ByLocale<EmailTemplate>;
  readonly sms?: ByLocale<SmsTemplate>;
}

/** A channel that is tried when the recipient has not read the notification on those before. */
export interface FallbackStep {
  /** After the step before it, or after the first channels were due. */
  readonly after_seconds: number;
  readonly channel: NotificationChannel;
}

/** A kind of notification: what it carries, how it is worded, and how it travels where nobody says otherwise. */
export interface NotificationType<Data extends object = object> {
  /** noun.past-verb, as `comment.added`. */
  readonly type: string;
  readonly schema: z.ZodType<Data>;
  /** Sent whatever quiet hours, digests and mutes say. */
  readonly critical: boolean;
  /** Channels of recipients who have chosen none. */
  readonly defaultChannels: readonly NotificationChannel[];
  /** How long a throttle key holds. */
  readonly throttle_seconds: number;
  readonly fallback: readonly FallbackStep[];
  readonly templates: NotificationTemplates;
  /** Whether links in its mails may tell that they were followed, where clicks are tracked at all. */
  readonly tracksClicks: boolean;
}

const defaultThrottleSeconds = 3_600;

/**
 * Declares a notification type.
 *
 * @example
 * const commentAdded = defineNotificationType({
 *   type: 'comment.added',
 *   schema: z.object({ author: z.string(), excerpt: z.string() }),
 *   defaultChannels: ['in_app', 'email'],
 *   templates: {
 *     in_app: { en: { title: '{{ author }} commented', body: '{{ excerpt }}' } },
 *     email: { en: { subject: '{{ author }} commented', html: '<p>{{ excerpt }}</p>' } },
 *   },
 * });
 * @throws DefinitionError `definition.notification.…`
 */
export function defineNotificationType<Data extends object>(
  declaration: Pick<NotificationType<Data>, 'type' | 'schema' | 'defaultChannels' | 'templates'> &
    Partial<Pick<NotificationType<Data>, 'critical' | 'throttle_seconds' | 'fallback' | 'tracksClicks'>>,
): NotificationType<Data> {
  const { critical = false, throttle_seconds = defaultThrottleSeconds, fallback = [] } = declaration;
  const { type, defaultChannels, templates, tracksClicks = true } = declaration;
  if (!/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/.test(type))
    throw new DefinitionError(type, 'notification.name', 'Name it noun.past_verb, as comment.added');
  for (const channel of [...defaultChannels, ...fallback.map((step) => step.channel)])
    if (templates[channel] === undefined)
      throw new DefinitionError(
        type,
        'notification.template',
        `It uses ${channel} but has no template for it`,
      );
  return Object.freeze({ ...declaration, critical, throttle_seconds, fallback, tracksClicks });
}
