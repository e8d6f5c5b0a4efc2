import type { Environment } from '@infratraq/environment';
import type { NotificationHooksOptions } from '@infratraq/notifications/hooks';
import type { Services } from '../services.js';

/** What providers and mail programs may call; each part is there once what it is checked with is set up. */
export function composeHooks(
  { PUBLIC_URL: publicUrl, TWILIO_AUTH_TOKEN: authToken, MAIL_HOOK_SECRET: secret }: Environment,
  { notifications, preferences, links }: Pick<Services, 'notifications' | 'preferences' | 'links'>,
): NotificationHooksOptions {
  return {
    report: (report) => notifications.report(report),
    ...(publicUrl !== undefined && authToken !== undefined && { twilio: { authToken, publicUrl } }),
    ...(secret !== undefined && {
      mail: { secret, takeFeedback: (feedback) => notifications.takeFeedback(feedback) },
    }),
    ...(links && {
      unsubscribe: {
        links: links.unsubscribe,
        unsubscribe: async (userId, type) => void (await preferences.settings.unsubscribe(userId, type)),
      },
      clicks: {
        links: links.clicks,
        // Who has said no since the mail was sent is not followed either.
        record: async (link) => {
          if (await preferences.settings.allowsClickTracking(link.recipient_id))
            await notifications.recordClick(link);
        },
      },
    }),
  };
}
