import type { RecipientPreferences } from '@infratraq/kernel';
import type { EffectiveSettings } from '../settings/effective-settings.js';
import type { Settings } from '../settings/settings-schema.js';
import { ruleKey } from './rule-schema.js';

/** A user's effective settings as notifications need them; `own` are the settings that the user has set. */
export function describeRecipient(settings: EffectiveSettings, own: Settings): RecipientPreferences {
  const { locale, time_zone, notifications, quiet_hours, digest, privacy } = settings;
  const ownKeys = new Set(own.notifications?.map(ruleKey));
  return {
    locale,
    time_zone,
    notifications: notifications.map(({ muted, ...rule }) => ({
      ...rule,
      ...(muted && { channels: [] }),
      ...(ownKeys.has(ruleKey(rule)) && { own: true }),
    })),
    quiet_hours,
    digest,
    track_clicks: privacy.track_clicks,
  };
}
