// A user's settings and why they hold, a second writer who is too late, a shared layout, and an alert that fires.
import { randomUUID } from 'node:crypto';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';
import {
  AlertEvaluator,
  createPreferenceServices,
  preferences,
  StaleVersionError,
} from '@infratraq/preferences';

const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples' });
const collections = preferences.collections.map((collection) => collection.class);
await applyIndexes(mongo.connection, collections);
const models = bindModels(mongo.connection, collections);
const { settings, layouts, alerts } = createPreferenceServices({ models });

const user = `u-${randomUUID()}`;
const before = await settings.read(user);
console.log(`version ${before.version}: ${before.settings.time_zone}, from the ${before.sources.time_zone}`);
const after = await settings.patch(user, { time_zone: 'Europe/Berlin' }, before.version);
console.log(`version ${after.version}: ${after.settings.time_zone}, from the ${after.sources.time_zone}`);
try {
  await settings.patch(user, { theme: 'dark' }, before.version);
} catch (error) {
  if (!(error instanceof StaleVersionError)) throw error;
  console.log(`conflict (${error.code}): ${error.message}`);
}

const colleague = { user_id: `u-${randomUUID()}`, roles: ['member'] as const };
const { layout_id } = await layouts.write(
  { user_id: user, roles: ['member'] },
  'portfolio',
  {
    name: 'Portfolio',
    widgets: [
      {
        widget_id: 'overdue',
        kind: 'number',
        column: 0,
        row: 0,
        width: 4,
        height: 2,
        source: { kind: 'metric', reference: 'work_orders_overdue' },
      },
    ],
    shared_with: [{ kind: 'user', id: colleague.user_id, access: 'copy' }],
  },
  0,
);
const copy = await layouts.copy(colleague, layout_id!, 'my-portfolio', 0);
console.log(`copied ${copy.widgets.length} widget from ${copy.name}`);

await alerts.create(user, {
  name: 'Overdue',
  kind: 'metric',
  metric: 'work_orders_overdue',
  channels: ['in_app'],
  metric_source: 'analytics_aggregate',
  condition: { operator: 'gt', threshold: 20 },
});
const evaluator = new AlertEvaluator({
  models,
  metrics: { readMetric: async () => 23 },
  notifier: {
    send: async ({ type, data, to }) => {
      if (to.users?.includes(user)) console.log(`${type}: ${data['name']} is ${data['value']}`);
      return { notification_id: randomUUID() };
    },
  },
  onFailure: ({ name, error }) => console.error(name, error),
});
await evaluator.evaluateDue();
await mongo.close();
