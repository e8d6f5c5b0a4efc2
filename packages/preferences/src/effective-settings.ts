import { ruleKey, type Settings } from './settings-schema.js';

/** Settings with every value that has a default. */
export type EffectiveSettings = Required<Omit<Settings, 'default_project_id'>> &
  Pick<Settings, 'default_project_id'>;

/** Where an effective value comes from. */
export const settingSources = ['user', 'organisation', 'product'] as const;
export type SettingSource = (typeof settingSources)[number];

/** What holds where neither the user nor the organisation has set anything. */
export const defaultSettings: EffectiveSettings = Object.freeze({
  locale: 'en',
  time_zone: 'UTC',
  theme: 'system',
  first_weekday: 1,
  notifications: [{ type: '*', channels: ['in_app', 'email'] }],
  quiet_hours: { enabled: false, from: '22:00', to: '07:00', weekdays: [1, 2, 3, 4, 5, 6, 7] },
  digest: { frequency: 'off', at: '08:00', weekday: 1 },
} satisfies EffectiveSettings);

/**
 * Lays a user's settings over the organisation's and the product's, and says for each where it comes from.
 * Rows of the notification matrix are laid over one another row by row, everything else value by value.
 */
export function mergeSettings(
  user: Settings,
  organisation: Settings = {},
): { settings: EffectiveSettings; sources: Partial<Record<keyof Settings, SettingSource>> } {
  const settings: EffectiveSettings = {
    ...defaultSettings,
    ...present(organisation),
    ...present(user),
    notifications: [
      ...new Map(
        [defaultSettings.notifications, organisation.notifications ?? [], user.notifications ?? []]
          .flat()
          .map((rule) => [ruleKey(rule), rule]),
      ).values(),
    ],
  };
  const sources = Object.fromEntries(
    Object.keys(settings).map((name) => [name, sourceOf(name as keyof Settings, user, organisation)]),
  );
  return { settings, sources };
}

function sourceOf(name: keyof Settings, user: Settings, organisation: Settings): SettingSource {
  if (user[name] !== undefined) return 'user';
  return organisation[name] !== undefined ? 'organisation' : 'product';
}

function present(settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
