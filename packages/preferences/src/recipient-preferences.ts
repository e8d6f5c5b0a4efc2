import type { RecipientPreferences } from '@infratraq/kernel';
import type { EffectiveSettings } from './effective-settings.js';
import { ruleKey, type RuleTopic, type Settings } from './settings-schema.js';

type Rule = NonNullable<Settings['notifications']>[number];

/** What holds for a user, in the terms of those who send notifications. */
export function describeRecipient(settings: EffectiveSettings): RecipientPreferences {
  const { locale, time_zone, notifications, quiet_hours, digest } = settings;
  return {
    locale,
    time_zone,
    notifications: notifications.map(({ muted, ...rule }) => (muted ? { ...rule, channels: [] } : rule)),
    quiet_hours,
    digest,
  };
}

/** Silences one row of a matrix, which is added where there is none. */
export function muteTopic(rules: readonly Rule[], topic: RuleTopic): Rule[] {
  const key = ruleKey(topic);
  if (rules.some((rule) => ruleKey(rule) === key))
    return rules.map((rule) => (ruleKey(rule) === key ? { ...rule, muted: true } : rule));
  return [...rules, { ...topic, channels: [], muted: true }];
}

/** Takes a silence back; a row that was there for its sake alone goes with it. */
export function unmuteTopic(rules: readonly Rule[], topic: RuleTopic): Rule[] {
  const key = ruleKey(topic);
  return rules
    .filter((rule) => ruleKey(rule) !== key || rule.channels.length > 0)
    .map((rule) => (ruleKey(rule) === key ? { ...rule, muted: false } : rule));
}
