import type { NotificationRequest } from '@infratraq/kernel';
import { metricOf } from './metric-reader.js';
import type { UserAlertConfig } from '../collections/user-alert-config.js';
import type { AlertNotice } from '../collections/user-alert-config-parts.js';

/** What the templates of `alert.fired` and `alert.cleared` are filled with. */
export interface AlertNotificationData extends Readonly<Record<string, unknown>> {
  readonly alert_id: string;
  readonly name: string;
  readonly severity: string;
  /** The watched thing in words: the metric with its statistic, or the entity's field. */
  readonly subject: string;
  /** As text; `unknown` where nothing was known. */
  readonly value: string;
  /** The condition in words: `gt 20`, `changed`. */
  readonly condition: string;
  /** ISO 8601. */
  readonly at: string;
  readonly number: number;
}

/** Makes the notification of an alert; the same notice gives the same idempotency key. */
export function describeNotice(
  id: string,
  config: UserAlertConfig,
  notice: AlertNotice,
): NotificationRequest {
  const { user_id, name, severity, condition, channels, entity_type } = config;
  const entity_id = notice.entity_id ?? config.entity_id;
  const threshold = condition.threshold === undefined ? '' : ` ${condition.threshold}`;
  const data: AlertNotificationData = {
    alert_id: id,
    name,
    severity,
    subject: subjectOf(config, entity_id),
    value: notice.value === undefined ? 'unknown' : String(notice.value),
    condition: `${condition.operator}${threshold}`,
    at: notice.at.toISOString(),
    number: notice.number,
  };
  return {
    to: { users: [user_id] },
    type: `alert.${notice.event}`,
    data,
    channels,
    chosen_by_recipient: true,
    ...(entity_type !== undefined && entity_id !== undefined && { entity: { entity_type, entity_id } }),
    // With its time: a configuration that was replaced at the moment of a firing may number the next one alike.
    idempotency_key: `alert:${id}:${notice.number}:${notice.event}:${notice.at.getTime()}`,
  };
}

function subjectOf(config: UserAlertConfig, entityId: string | undefined): string {
  const metric = metricOf(config);
  if (!metric) return [config.entity_type, entityId, config.field].filter(Boolean).join(' ');
  const dimensions = Object.entries(metric.dimensions ?? {}).map(([name, value]) => `${name}=${value}`);
  return [metric.metric, metric.statistic, ...dimensions].join(' ');
}
