import { DefinitionError, notificationChannels, type NotificationChannel } from '@infratraq/kernel';
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

/** Liquid templates by channel and BCP 47 tag. A channel without one is not used for the type. */
export interface NotificationTemplates {
  readonly in_app?: ByLocale<TextTemplate>;
  readonly push?: ByLocale<TextTemplate>;
  readonly email?: ByLocale<EmailTemplate>;
  readonly sms?: ByLocale<SmsTemplate>;
}

/** A channel that is tried when the recipient has read the notification on none before it. */
export interface FallbackStep {
  /** After the step before it, or after the first channels were due. */
  readonly after_seconds: number;
  readonly channel: NotificationChannel;
}

/** A kind of notification: its data, its templates, and the channels that it takes by default. */
export interface NotificationType<Data extends object = object> {
  /** noun.past-verb, as `comment.added`. */
  readonly type: string;
  readonly schema: z.ZodType<Data>;
  /**
   * Overrides quiet hours, digests and mutes.
   * @default false
   */
  readonly critical: boolean;
  /**
   * Channels of recipients who have chosen none.
   * @default every channel with a template
   */
  readonly defaultChannels: readonly NotificationChannel[];
  /**
   * How long a throttle key holds.
   * @default 3_600
   */
  readonly throttle_seconds: number;
  readonly fallback: readonly FallbackStep[];
  readonly templates: NotificationTemplates;
  /**
   * Whether clicks on links in its mails may be recorded, where clicks are tracked at all.
   * @default true
   */
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
  declaration: Pick<NotificationType<Data>, 'type' | 'schema' | 'templates'> &
    Partial<NotificationType<Data>>,
): NotificationType<Data> {
  const { critical = false, throttle_seconds = defaultThrottleSeconds, fallback = [] } = declaration;
  const { type, templates, tracksClicks = true } = declaration;
  const worded = notificationChannels.filter((channel) => templates[channel] !== undefined);
  const { defaultChannels = worded } = declaration;
  if (!/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/.test(type))
    throw new DefinitionError(type, 'notification.name', 'Name it noun.past_verb, as comment.added');
  for (const channel of [...defaultChannels, ...fallback.map((step) => step.channel)])
    if (templates[channel] === undefined)
      throw new DefinitionError(
        type,
        'notification.template',
        `It uses ${channel} but has no template for it`,
      );
  const settings = { critical, defaultChannels, throttle_seconds, fallback, tracksClicks };
  return Object.freeze({ ...declaration, ...settings });
}
