import { describe, expect, it } from '@jest/globals';
import {
  decide,
  deriveIndexes,
  expectSize,
  formatRetention,
  NotFoundError,
  traitsOf,
} from '@infratraq/kernel';
import { store } from './store.js';

/** The specification's categories, collections and lifetimes. */
const specification = {
  audit: { entity_changelog: '2 y to 7 y', field_audit_log: '2 y to 7 y', archive_manifest: 'permanent' },
  integration: {
    api_request_log: '30 d to 90 d',
    webhook_event_log: '30 d to 90 d',
    integration_sync_log: '90 d',
    dead_letter_event: '90 d',
  },
  activity: { user_activity_event: '30 d to 1 y', search_query_log: '90 d', feature_usage_metric: '1 y' },
  messaging: {
    chat_message: 'permanent',
    comment_thread: 'permanent',
    email_communication: 'permanent',
    chat_read_state: 'permanent',
  },
  notifications: { notification_delivery: '90 d', push_notification_log: '90 d', sms_delivery_log: '90 d' },
  caches: {
    report_cache: '1 h to 30 d',
    dashboard_snapshot: '24 h',
    analytics_aggregate: '30 d',
    search_index_cache: '7 d',
  },
  preferences: {
    user_preference: 'permanent',
    dashboard_layout: 'permanent',
    user_favorite: 'permanent',
    user_alert_config: 'permanent',
  },
  ai: {
    ml_training_dataset: '1 y',
    ml_model_registry: '1 y',
    ml_prediction_log: '90 d',
    nlp_query_history: '90 d',
    ai_conversation: '90 d',
  },
  observability: {
    performance_metric: '7 d to 90 d',
    background_job_log: '30 d',
    system_health_event: '30 d',
    error_log: '90 d',
  },
  attachments: { attachment_metadata: 'permanent' },
};

describe('the document store', () => {
  it('has the 35 collections of the specification in its 10 categories, with their lifetimes', () => {
    const actual = Object.fromEntries(
      store.categories.map(({ name, collections }) => [
        name,
        Object.fromEntries(collections.map(({ name, policy }) => [name, formatRetention(policy.retention)])),
      ]),
    );
    expect(actual).toMatchObject(specification);
    expect(store.categories.map(({ name }) => name)).toEqual(Object.keys(specification));
    expect(Object.values(specification).flatMap(Object.keys)).toHaveLength(35);
  });

  it.each(store.collections.map((definition) => [definition.name, definition] as const))(
    'keeps %s where the decision framework puts it, indexed and sized',
    (_name, definition) => {
      const decision = decide(traitsOf(definition.policy));
      expect(decision).toMatchObject({ store: 'mongodb', violations: [] });
      expect(deriveIndexes(definition).length).toBeGreaterThan(0);
      expect(expectSize(definition.policy).warnBytes).toBeGreaterThan(0);
      expect(definition.policy.purpose).toMatch(/^[A-Z].+[^.]$/);
    },
  );

  it('archives what the regulators and the year-long analyses need before it expires', () => {
    const archived = store.collections
      .filter(({ policy }) => policy.archive === 'before-expiry')
      .map(({ name }) => name);
    expect(archived).toEqual(
      expect.arrayContaining([
        'entity_changelog',
        'field_audit_log',
        'feature_usage_metric',
        'user_activity_event',
        'ml_training_dataset',
        'ml_model_registry',
        'notification_delivery',
        'dead_letter_event',
      ]),
    );
    expect(archived).not.toContain('report_cache');
  });

  it('finds a collection by name or class, and says when there is none', () => {
    const definition = store.collection('report_cache');
    expect(store.definitionOf(definition.class)).toBe(definition);
    expect(() => store.collection('payments')).toThrow(NotFoundError);
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(store)).toBe(true);
    expect(Object.isFrozen(store.collections)).toBe(true);
    expect(Object.isFrozen(store.categories)).toBe(true);
  });
});
