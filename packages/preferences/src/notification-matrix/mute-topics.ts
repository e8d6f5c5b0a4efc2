import { ruleKey, type MatrixRule, type RuleTopic } from './rule-schema.js';

/** Mutes the row of a topic, or adds a muted one. */
export function muteTopic(rules: readonly MatrixRule[], topic: RuleTopic): MatrixRule[] {
  const key = ruleKey(topic);
  if (rules.some((rule) => ruleKey(rule) === key))
    return rules.map((rule) => (ruleKey(rule) === key ? { ...rule, muted: true } : rule));
  return [...rules, { ...topic, channels: [], muted: true }];
}

/** Mutes a type for every entity, including entities and entity types with rows of their own. */
export function muteType(rules: readonly MatrixRule[], { type }: Pick<RuleTopic, 'type'>): MatrixRule[] {
  const narrower = rules
    .filter((rule) => rule.entity_type !== undefined && (rule.type === type || rule.type === '*'))
    .map(({ entity_type, entity_id }) => ({ type, entity_type, ...(entity_id && { entity_id }) }));
  return [{ type }, ...narrower].reduce(muteTopic, [...rules]);
}

/** Unmutes the row of a topic; a row without channels is removed. */
export function unmuteTopic(rules: readonly MatrixRule[], topic: RuleTopic): MatrixRule[] {
  const key = ruleKey(topic);
  return rules
    .filter((rule) => ruleKey(rule) !== key || rule.channels.length > 0)
    .map((rule) => (ruleKey(rule) === key ? { ...rule, muted: false } : rule));
}
