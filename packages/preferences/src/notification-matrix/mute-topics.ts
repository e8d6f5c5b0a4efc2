import { ruleKey, type MatrixRule, type RuleTopic } from './rule-schema.js';

/** Silences one row of a matrix, which is added where there is none. */
export function muteTopic(rules: readonly MatrixRule[], topic: RuleTopic): MatrixRule[] {
  const key = ruleKey(topic);
  if (rules.some((rule) => ruleKey(rule) === key))
    return rules.map((rule) => (ruleKey(rule) === key ? { ...rule, muted: true } : rule));
  return [...rules, { ...topic, channels: [], muted: true }];
}

/** Silences a type whatever it is about: also where another row says otherwise for an entity, or a kind of them. */
export function muteType(rules: readonly MatrixRule[], { type }: Pick<RuleTopic, 'type'>): MatrixRule[] {
  const narrower = rules
    .filter((rule) => rule.entity_type !== undefined && (rule.type === type || rule.type === '*'))
    .map(({ entity_type, entity_id }) => ({ type, entity_type, ...(entity_id && { entity_id }) }));
  return [{ type }, ...narrower].reduce(muteTopic, [...rules]);
}

/** Takes a silence back; a row that was there for its sake alone goes with it. */
export function unmuteTopic(rules: readonly MatrixRule[], topic: RuleTopic): MatrixRule[] {
  const key = ruleKey(topic);
  return rules
    .filter((rule) => ruleKey(rule) !== key || rule.channels.length > 0)
    .map((rule) => (ruleKey(rule) === key ? { ...rule, muted: false } : rule));
}
