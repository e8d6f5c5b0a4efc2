import { notificationChannels } from '@infratraq/kernel';
import { plainText } from '@infratraq/transport';
import { z } from 'zod';
import {
  aggregateStatistics,
  alertKinds,
  alertOperators,
  alertSeverities,
  metricGranularities,
  metricSources,
  missingDataPolicies,
  performanceStatistics,
} from '../collections/user-alert-config-parts.js';

const metricFields = ['metric', 'metric_source', 'statistic', 'granularity', 'dimensions'] as const;
const statisticsOf = {
  performance_metric: performanceStatistics,
  analytics_aggregate: aggregateStatistics,
} as const;
const orderings = ['gt', 'gte', 'lt', 'lte'];

/** When an alert fires and clears, as a client sends it. */
export const alertConditionSchema = z
  .strictObject({
    operator: z.enum(alertOperators),
    threshold: z.union([z.number(), z.string().max(500), z.boolean()]).optional(),
    clear_threshold: z.number().optional(),
    for_seconds: z.int().min(0).max(604_800).default(0),
    cool_down_seconds: z.int().min(0).max(2_592_000).default(0),
    missing_data: z
      .enum(missingDataPolicies)
      .default('keep')
      .describe('What it means when nothing recent is known of a metric'),
  })
  .check(({ value, issues }) => {
    const refuse = (path: string, message: string) =>
      issues.push({ code: 'custom', input: value, path: [path], message });
    const { operator, threshold, clear_threshold } = value;
    if (operator === 'changed') {
      if (threshold !== undefined) refuse('threshold', 'has no meaning with changed');
      if (value.for_seconds > 0) refuse('for_seconds', 'has no meaning with changed');
    } else if (threshold === undefined) refuse('threshold', `is needed with ${operator}`);
    const ordered = orderings.includes(operator);
    if (ordered && threshold !== undefined && typeof threshold !== 'number')
      refuse('threshold', `must be a number with ${operator}`);
    if (clear_threshold === undefined) return;
    if (!ordered || typeof threshold !== 'number')
      refuse('clear_threshold', 'goes with gt, gte, lt and lte only');
    else if (operator.startsWith('g') ? clear_threshold > threshold : clear_threshold < threshold)
      refuse('clear_threshold', 'must lie on the quiet side of the threshold');
  });

/** An alert as a client sends it. */
export const alertConfigSchema = z
  .strictObject({
    name: plainText({ characters: 200 }),
    enabled: z.boolean().default(true),
    kind: z.enum(alertKinds),
    metric: z.string().min(1).max(200).optional(),
    metric_source: z.enum(metricSources).optional(),
    statistic: z
      .enum([...new Set([...performanceStatistics, ...aggregateStatistics])])
      .optional()
      .describe('p95_ms of a measured window, or sum of a rollup, unless told'),
    granularity: z.enum(metricGranularities).optional().describe('Of rollups; daily unless told'),
    dimensions: z.record(z.string().max(100), z.string().max(200)).optional(),
    entity_type: z.string().min(1).max(100).optional(),
    entity_id: z.string().min(1).max(200).optional(),
    field: z.string().min(1).max(200).optional(),
    condition: alertConditionSchema,
    severity: z.enum(alertSeverities).default('warning'),
    channels: z.array(z.enum(notificationChannels)).min(1).max(notificationChannels.length),
  })
  .check(({ value, issues }) => {
    const needed =
      value.kind === 'metric' ? (['metric', 'metric_source'] as const) : (['entity_type', 'field'] as const);
    const foreign = value.kind === 'metric' ? (['field'] as const) : metricFields;
    const refuse = (path: string, message: string) =>
      issues.push({ code: 'custom', input: value, path: [path], message });
    for (const path of needed)
      if (value[path] === undefined) refuse(path, `is needed for kind ${value.kind}`);
    for (const path of foreign)
      if (value[path] !== undefined) refuse(path, `has no meaning for kind ${value.kind}`);
    if (value.kind === 'metric' && value.condition.operator === 'changed')
      refuse('condition', 'changed goes with kind entity only');
    const { metric_source, statistic, granularity } = value;
    if (metric_source !== undefined && statistic !== undefined) {
      const known: readonly string[] = statisticsOf[metric_source];
      if (!known.includes(statistic))
        refuse('statistic', `is one of ${known.join(', ')} for ${metric_source}`);
    }
    if (granularity !== undefined && metric_source === 'performance_metric')
      refuse('granularity', 'goes with analytics_aggregate only');
    if (value.entity_id !== undefined && value.entity_type === undefined)
      refuse('entity_type', 'is needed where entity_id is given');
  });
/** An alert as a client sends it. */
export type AlertConfigInput = z.input<typeof alertConfigSchema>;
