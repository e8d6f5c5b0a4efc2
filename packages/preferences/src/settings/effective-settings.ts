import type { Settings } from './settings-schema.js';
import { ruleKey, type MatrixRule, type RuleTopic } from '../notification-matrix/rule-schema.js';

/** Settings with every value that has a default. */
export type EffectiveSettings = Required<Omit<Settings, 'default_project_id'>> &
  Pick<Settings, 'default_project_id'>;

/** Where an effective value comes from. */
export const settingSources = ['user', 'organisation', 'product'] as const;
export type SettingSource = (typeof settingSources)[number];

/** Defaults of the product. */
export const defaultSettings: EffectiveSettings = Object.freeze({
  locale: 'en',
  time_zone: 'UTC',
  theme: 'system',
  first_weekday: 1,
  // A row for every type would override the channels that each type is declared with.
  notifications: [],
  quiet_hours: { enabled: false, from: '22:00', to: '07:00', weekdays: [1, 2, 3, 4, 5, 6, 7] },
  digest: { frequency: 'off', at: '08:00', weekday: 1 },
  privacy: { track_clicks: true },
} satisfies EffectiveSettings);

/** One effective value, its source, and the values that it overrides. */
export interface ExplainedSetting {
  readonly setting: keyof Settings;
  /** The row, for the notification matrix, which is merged row by row. */
  readonly topic?: RuleTopic;
  readonly value: unknown;
  readonly source: SettingSource;
  /** The overridden values, nearest first. */
  readonly overridden: { readonly source: SettingSource; readonly value: unknown }[];
}

/**
 * Merges a user's settings with the defaults of the organisation and the product, and names the source of each.
 * The notification matrix is merged row by row, everything else value by value.
 */
export function mergeSettings(
  user: Settings,
  organisation: Settings = {},
): { settings: EffectiveSettings; sources: Partial<Record<keyof Settings, SettingSource>> } {
  const explained = explainSettings(user, organisation);
  const values = explained.filter(({ topic }) => !topic);
  const settings = {
    ...Object.fromEntries(values.map(({ setting, value }) => [setting, value])),
    notifications: explained
      .filter(({ topic }) => topic)
      .map(({ topic, value }) => ({ ...topic, ...(value as object) })),
  } as EffectiveSettings;
  const sources = Object.fromEntries(values.map(({ setting, source }) => [setting, source]));
  return { settings, sources: { ...sources, notifications: nearestSource(explained) } };
}

/** Lists every effective value with its source and the values that it overrides. */
export function explainSettings(user: Settings, organisation: Settings = {}): ExplainedSetting[] {
  const layers: Layer[] = [
    { source: 'user', settings: user },
    { source: 'organisation', settings: organisation },
    { source: 'product', settings: defaultSettings },
  ];
  const names = new Set(layers.flatMap(({ settings }) => Object.keys(settings) as (keyof Settings)[]));
  names.delete('notifications');
  const values = [...names].flatMap((setting) =>
    explain(
      { setting },
      layers.map(({ source, settings }) => ({ source, value: settings[setting] })),
    ),
  );
  return [...values, ...explainMatrix(layers)];
}

interface Layer {
  readonly source: SettingSource;
  readonly settings: Settings;
}

function explainMatrix(layers: readonly Layer[]): ExplainedSetting[] {
  const topics = new Map<string, RuleTopic>();
  // The broadest rows first, as the product and then the organisation state them.
  for (const { settings } of layers.toReversed())
    for (const { channels, muted, ...topic } of settings.notifications ?? [])
      topics.set(ruleKey(topic), topic);
  return [...topics].flatMap(([key, topic]) =>
    explain(
      { setting: 'notifications', topic },
      layers.map(({ source, settings }) => {
        const rules = settings.notifications ?? [];
        const exact = rules.find((candidate) => ruleKey(candidate) === key);
        const rule = exact ?? (source === 'user' ? findSilence(rules, topic) : undefined);
        return { source, value: rule && { channels: rule.channels, muted: rule.muted } };
      }),
    ),
  );
}

/** The user's own mute that covers a topic. It overrides any rule of the organisation. */
function findSilence(rules: readonly MatrixRule[], topic: RuleTopic): MatrixRule | undefined {
  const rank = ({ type, entity_type, entity_id }: RuleTopic) =>
    (entity_id === undefined ? 0 : 4) + (entity_type === undefined ? 0 : 2) + (type === '*' ? 0 : 1);
  const [narrowest] = rules
    .filter((rule) => covers(rule, topic))
    .sort((left, right) => rank(right) - rank(left));
  return narrowest?.muted || narrowest?.channels.length === 0 ? narrowest : undefined;
}

function covers(rule: RuleTopic, topic: RuleTopic): boolean {
  if (rule.type !== '*' && rule.type !== topic.type) return false;
  if (rule.entity_type !== undefined && rule.entity_type !== topic.entity_type) return false;
  return rule.entity_id === undefined || rule.entity_id === topic.entity_id;
}

function explain(
  what: Pick<ExplainedSetting, 'setting' | 'topic'>,
  values: readonly { source: SettingSource; value: unknown }[],
): ExplainedSetting[] {
  const [first, ...overridden] = values.filter(({ value }) => value !== undefined);
  return first ? [{ ...what, ...first, overridden }] : [];
}

function nearestSource(explained: readonly ExplainedSetting[]): SettingSource {
  const rows = explained.filter(({ topic }) => topic).map(({ source }) => source);
  return settingSources.find((source) => rows.includes(source)) ?? 'product';
}
