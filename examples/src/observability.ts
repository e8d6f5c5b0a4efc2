// What an endpoint measured, minute by minute, and how long such measurements are kept.
import { randomUUID } from 'node:crypto';
import { formatRetention, policyOf } from '@infratraq/kernel';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';
import { listMetricOfEndpoint, observability, PerformanceMetric } from '@infratraq/observability';

const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples' });
const collections = observability.collections.map((collection) => collection.class);
await applyIndexes(mongo.connection, collections);
const models = bindModels(mongo.connection, collections);

const series = { metric: 'http.server.request', endpoint: `GET /example/${randomUUID()}` };
const beginning = Date.now() - 120_000;
await models.of(PerformanceMetric).create(
  [0, 1].map((minute) => ({
    ...series,
    service: 'examples',
    instance: `examples-${process.pid}`,
    measured_at: new Date(beginning + minute * 60_000),
    window_seconds: 60,
    count: 120,
    error_count: 3 * minute,
    error_rate: 0.025 * minute,
    throughput_per_second: 2,
  })),
);
for (const window of await models.find(listMetricOfEndpoint, series))
  console.log(`${window.count} requests, ${window.error_count} of them failed`);
console.log(`kept for ${formatRetention(policyOf(PerformanceMetric).retention)}`);
await mongo.close();
