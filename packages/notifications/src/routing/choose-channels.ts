import type { EntityReference, NotificationChannel, RecipientPreferences } from '@infratraq/kernel';
import type { NotificationType } from '../templates/notification-type.js';

type Rule = RecipientPreferences['notifications'][number];

/** The parts of a request that decide on channels. */
export interface RoutedRequest {
  readonly channels?: readonly NotificationChannel[] | undefined;
  readonly chosen_by_recipient?: boolean | undefined;
  readonly entity?: EntityReference | undefined;
}

/**
 * The channels on which a recipient gets a notification; none where they muted it. Where no rule of theirs or of their
 * organisation applies, not even one for `*`, these are the default and fallback channels of the type.
 */
export function chooseChannels(
  type: NotificationType,
  { channels: requested, chosen_by_recipient = false, entity }: RoutedRequest,
  { notifications, complained_types = [] }: Pick<RecipientPreferences, 'notifications' | 'complained_types'>,
): NotificationChannel[] {
  const own = [...type.defaultChannels, ...type.fallback.map(({ channel }) => channel)];
  const chosen = findRule(notifications, type.type, entity)?.channels ?? own;
  const allowed = type.critical && chosen.length === 0 ? own : chosen;
  const isOwnChoice = chosen_by_recipient && requested !== undefined && allowed.length > 0;
  const usable = isOwnChoice ? requested : allowed.filter((channel) => requested?.includes(channel) ?? true);
  const forced = type.critical && usable.length === 0 ? (requested ?? []) : usable;
  const isComplained = !type.critical && complained_types.includes(type.type);
  return [...new Set(forced)].filter(
    (channel) => type.templates[channel] !== undefined && !(isComplained && channel === 'email'),
  );
}

/**
 * The rule that applies: one for an entity before one for its kind, before one for a type, before one for `*`. The
 * recipient's own mute overrides every rule of the organisation, however specific.
 */
function findRule(
  rules: readonly Rule[],
  type: string,
  entity: EntityReference | undefined,
): Rule | undefined {
  const applying = rules.filter((rule) => applies(rule, type, entity));
  const own = findNarrowest(applying.filter((rule) => rule.own === true));
  return own?.channels.length === 0 ? own : findNarrowest(applying);
}

function findNarrowest(rules: readonly Rule[]): Rule | undefined {
  let best: Rule | undefined;
  for (const rule of rules) if (best === undefined || rankOf(rule) > rankOf(best)) best = rule;
  return best;
}

function applies(rule: Rule, type: string, entity: EntityReference | undefined): boolean {
  if (rule.type !== '*' && rule.type !== type) return false;
  if (rule.entity_type !== undefined && rule.entity_type !== entity?.entity_type) return false;
  return rule.entity_id === undefined || rule.entity_id === entity?.entity_id;
}

function rankOf({ type, entity_type, entity_id }: Rule): number {
  return (entity_id === undefined ? 0 : 4) + (entity_type === undefined ? 0 : 2) + (type === '*' ? 0 : 1);
}
