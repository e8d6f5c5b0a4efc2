import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { EventRecorder } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import Fastify, { type FastifyInstance } from 'fastify';
import { setTimeout as delay } from 'node:timers/promises';
import { PerformanceMetric } from './collections/performance-metric.js';
import { listMetricOfEndpoint } from './collections/performance-metric.queries.js';
import { requestMetrics } from './request-metrics.js';

const database = useModels(PerformanceMetric);
let app: FastifyInstance;
let recorded: Promise<unknown>[];
// Writes at once, so that the test sees what the database makes of a record.
const events: EventRecorder = {
  record: (target, document) => recorded.push(database.models.of(target).create(document as object)) > 0,
};

beforeEach(async () => {
  await database.models.of(PerformanceMetric).deleteMany({});
  recorded = [];
  app = Fastify();
  await app.register(requestMetrics, { events, instance: 'test-1', windowSeconds: 3_600 });
  app.get('/things/:id', async () => 'well');
  app.get('/slow', async () => {
    // The time that passes is what is measured.
    await delay(60);
    return 'well';
  });
  app.get('/broken', async () => {
    throw new Error('broken');
  });
});
afterEach(() => app.close());

const measured = async (endpoint: string) => {
  await app.close();
  await Promise.all(recorded);
  return database.models.find(listMetricOfEndpoint, { metric: 'http.server.request', endpoint });
};

it('measures all requests of a route as one endpoint', async () => {
  for (const id of [1, 2, 3]) await app.inject(`/things/${id}`);
  const [window, ...others] = await measured('GET /things/:id');
  expect(others).toEqual([]);
  expect(window).toMatchObject({
    count: 3,
    error_count: 0,
    error_rate: 0,
    throughput_per_second: 3 / 3_600,
    service: 'server',
    instance: 'test-1',
    window_seconds: 3_600,
  });
  expect(window!.measured_at.getTime() % 3_600_000).toBe(0);
});

it('tells how long requests take', async () => {
  for (let request = 0; request < 3; request += 1) await app.inject('/slow');
  const { duration } = (await measured('GET /slow'))[0]!;
  expect(duration?.minimum_ms).toBeGreaterThan(55);
  expect(duration!.p50_ms).toBeGreaterThanOrEqual(duration!.minimum_ms);
  expect(duration!.maximum_ms).toBeGreaterThanOrEqual(duration!.p95_ms);
});

it('counts failures of the server, and what no route answers as one endpoint', async () => {
  await app.inject('/broken');
  for (const path of ['/a', '/b']) await app.inject(path);
  expect(await measured('GET /broken')).toMatchObject([{ count: 1, error_count: 1, error_rate: 1 }]);
  expect(await measured('unmatched')).toMatchObject([{ count: 2, error_count: 0 }]);
});

it('counts a request whose client hangs up', async () => {
  const arrived = new Promise<void>((resolve) => {
    app.addHook('preHandler', (_request, _reply, next) => {
      resolve();
      next();
    });
  });
  const abandoned = new Promise<void>((resolve) => {
    app.addHook('onRequestAbort', (_request, next) => {
      resolve();
      next();
    });
  });
  // Answers nobody before its client has gone.
  app.get('/held', async () => {
    await abandoned;
    return 'well';
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const client = new AbortController();
  const answer = fetch(`${url}/held`, { signal: client.signal });
  await arrived;
  client.abort();
  await expect(answer).rejects.toThrow();
  await abandoned;
  expect(await measured('GET /held')).toMatchObject([{ count: 1 }]);
});

it('records a window when it ends', async () => {
  const brief = Fastify();
  const written = new Promise<object>((resolve) => {
    void brief.register(requestMetrics, {
      events: {
        record: (_target, document) => {
          resolve(document);
          return true;
        },
      },
      instance: 'test-1',
      windowSeconds: 1,
    });
  });
  brief.get('/', async () => 'well');
  await brief.inject('/');
  expect(await written).toMatchObject({ endpoint: 'GET /', count: 1, window_seconds: 1 });
  await brief.close();
});
