import type { EventRecorder } from '@infratraq/kernel';
import type { FastifyPluginCallback, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { measureDurations } from './metrics/measure-durations.js';

/** Where request metrics are recorded. */
export interface RequestMetricsOptions {
  readonly events: EventRecorder;
  /** The process that measures. */
  readonly instance: string;
  /**
   * Length of a window.
   * @default 60
   */
  readonly windowSeconds?: number;
}

const plugin: FastifyPluginCallback<RequestMetricsOptions> = (app, options, done) => {
  const meter = measureDurations({ ...options, metric: 'http.server.request', service: 'server' });
  const counted = new WeakSet<FastifyRequest>();
  const add = (request: FastifyRequest, milliseconds: number, isFailed: boolean): void => {
    if (counted.has(request)) return;
    counted.add(request);
    meter.add(endpointOf(request), milliseconds, isFailed);
  };
  const arrivals = new WeakMap<FastifyRequest, number>();

  app.addHook('onRequest', (request, _reply, next) => {
    arrivals.set(request, performance.now());
    next();
  });
  app.addHook('onResponse', (request, reply, next) => {
    add(request, reply.elapsedTime, reply.statusCode >= 500);
    next();
  });
  // A client that hangs up has waited too, often for the slowest requests.
  app.addHook('onRequestAbort', (request, next) => {
    const arrival = arrivals.get(request);
    if (arrival !== undefined) add(request, performance.now() - arrival, false);
    next();
  });
  app.addHook('onClose', (_app, next) => {
    meter.close();
    next();
  });
  done();
};

/**
 * Measures every request of the application it is registered on: how many there are, how long they take and how many
 * fail, per method and route, in `performance_metric`.
 */
export const requestMetrics = fastifyPlugin(plugin, { name: 'infratraq-request-metrics', fastify: '5.x' });

/** Requests that no route answers are one endpoint, however many paths are tried. */
function endpointOf(request: FastifyRequest): string {
  const route = request.is404 ? undefined : request.routeOptions.url;
  return route === undefined ? 'unmatched' : `${request.method} ${route}`.slice(0, 500);
}
