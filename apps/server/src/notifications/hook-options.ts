import type { ConfinedJobs } from '@infratraq/confined-jobs';
import type { Environment } from '@infratraq/environment';
import type { NotificationHooksOptions } from '@infratraq/notifications/hooks';
import type { NotificationService } from '@infratraq/notifications';
import type { PreferenceServices } from '@infratraq/preferences';
import type { LinkRevocations } from '../links/link-revocations.js';
import type { MailLinks } from './mail-links.js';

/** What callbacks are passed on to. */
export interface HookTargets {
  readonly notifications: NotificationService;
  readonly preferences: Pick<PreferenceServices, 'settings'>;
  readonly links: MailLinks | undefined;
  readonly confinedJobs: ConfinedJobs;
  readonly revocations: LinkRevocations;
}

/** Options of the callbacks of providers and mail programs; a callback is off while the secret that checks it is not set. */
export function hookOptionsOf(
  { PUBLIC_URL: publicUrl, TWILIO_AUTH_TOKEN: authToken, MAIL_HOOK_SECRET: secret }: Environment,
  { notifications, preferences, links, confinedJobs, revocations }: HookTargets,
): NotificationHooksOptions {
  const isRevoked = (token: string, link: { readonly user_id: string; readonly issued_at: Date }) =>
    revocations.isRevoked({ token, ...link });
  return {
    confinedJobs,
    report: (report) => notifications.report(report),
    ...(publicUrl !== undefined && authToken !== undefined && { twilio: { authToken, publicUrl } }),
    ...(secret !== undefined && {
      mail: { secret, takeFeedback: (feedback) => notifications.takeFeedback(feedback) },
    }),
    ...(links && {
      unsubscribe: {
        links: links.unsubscribe,
        isRevoked,
        unsubscribe: async (userId, type) => void (await preferences.settings.unsubscribe(userId, type)),
      },
      clicks: {
        links: links.clicks,
        isRevoked,
        // Who has said no since the mail was sent is not followed either.
        record: async (link) => {
          if (await preferences.settings.allowsClickTracking(link.recipient_id))
            await notifications.recordClick(link);
        },
      },
    }),
  };
}
