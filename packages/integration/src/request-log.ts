import {
  redactForm,
  redactText,
  warnOfError,
  type Actor,
  type EventRecorder,
  type ReportError,
} from '@infratraq/kernel';
import type {} from '@infratraq/transport/fastify';
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { ApiRequestLog } from './collections/api-request-log.js';
import { boundText, describeMessage } from './requests/describe-message.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The request log keeps the bodies of this route; of others it keeps only their sizes. */
    logBodies?: boolean;
  }
}

/** What the request log works with. */
export interface RequestLogOptions {
  readonly events: EventRecorder;
  /**
   * Bytes of each payload that are stored, 65,536 at most.
   * @default 8_192
   */
  readonly maximumPayloadBytes?: number;
  /** Receives errors of the log itself. @default warnings of the process */
  readonly onError?: ReportError;
  /** Requests that are not recorded (health checks, scrapes). */
  readonly ignore?: (request: FastifyRequest) => boolean;
}

/** The response of a request so far. */
interface Exchange {
  readonly reply: FastifyReply;
  readonly sent?: string | Uint8Array;
  readonly isAborted?: boolean;
  readonly isRecorded?: boolean;
}

const plugin: FastifyPluginCallback<RequestLogOptions> = (app, options, done) => {
  const { events, ignore, onError = warnOfError } = options;
  const maximumBytes = Math.min(options.maximumPayloadBytes ?? 8_192, 65_536);
  const exchanges = new WeakMap<FastifyRequest, Exchange>();
  /** A body that cannot be described is left out; the request is recorded all the same. */
  const describeOrOutline = (request: FastifyRequest, exchange: Exchange): Partial<ApiRequestLog> => {
    try {
      return describeRequest(request, exchange, maximumBytes);
    } catch (error) {
      onError(error, 'describing a request for its log');
      return describeRequest(request, exchange, 0);
    }
  };
  const record = (request: FastifyRequest, exchange: Exchange): void => {
    if (exchange.isRecorded || ignore?.(request)) return;
    exchanges.set(request, { ...exchange, isRecorded: true });
    try {
      events.record(ApiRequestLog, describeOrOutline(request, exchange));
    } catch (error) {
      // Hooks that come after this one have their own use for the request.
      onError(error, 'recording a request in its log');
    }
  };

  app.addHook('onRequest', (request, reply, next) => {
    exchanges.set(request, { reply });
    next();
  });
  app.addHook('onSend', (request, reply, payload, next) => {
    const sent = typeof payload === 'string' || payload instanceof Uint8Array ? payload : undefined;
    exchanges.set(request, { ...exchanges.get(request), reply, ...(sent !== undefined && { sent }) });
    next(null, payload);
  });
  app.addHook('onResponse', (request, reply, next) => {
    record(request, exchanges.get(request) ?? { reply });
    next();
  });
  // The response of an aborted request never finishes, so the hook above is not called.
  app.addHook('onRequestAbort', (request, next) => {
    const exchange = exchanges.get(request);
    if (exchange) record(request, { ...exchange, isAborted: true });
    next();
  });
  done();
};

/**
 * Records every request of the application once its response is out, without delaying it and without reading bodies.
 * Secrets are replaced before anything is recorded. Bodies are kept of routes with `config.logBodies` alone, and not of
 * a response with `Cache-Control: no-store`; of others only the size.
 */
export const requestLog = fastifyPlugin(plugin, { name: 'infratraq-request-log', fastify: '5.x' });

function describeRequest(
  request: FastifyRequest,
  { reply, sent, isAborted }: Exchange,
  maximumBytes: number,
): Partial<ApiRequestLog> {
  const actor = request.actor as Actor | null | undefined;
  const [path = '', query] = splitUrl(request.url);
  // A client that hung up saw no status.
  const status = isAborted ? 0 : reply.statusCode;
  const keepsBodies = maximumBytes > 0 && !request.is404 && request.routeOptions.config.logBodies === true;
  const mayStore = !/\bno-store\b/i.test(String(reply.getHeader('cache-control') ?? ''));
  const response = describeMessage(
    { headers: reply.getHeaders(), body: sent },
    keepsBodies && mayStore ? maximumBytes : 0,
  );
  const error_code = isAborted ? 'response.aborted' : codeOf(response.content_type, sent);
  return {
    created_at: new Date(Date.now() - reply.elapsedTime),
    direction: 'inbound',
    method: request.method,
    route: (request.is404 ? undefined : request.routeOptions.url)?.slice(0, 500) ?? 'unmatched',
    path: redactText(path).slice(0, 2_000),
    ...(query !== undefined && { query: redactForm(boundText(query, 2_000)).slice(0, 2_000) }),
    ...(request.host && { host: request.host.slice(0, 300) }),
    status,
    status_class: Math.floor(status / 100),
    duration_ms: reply.elapsedTime,
    request: describeMessage(
      { headers: request.headers, body: request.body },
      keepsBodies ? maximumBytes : 0,
    ),
    response,
    ...(error_code && { error_code }),
    ...(actor && actor.roles.length > 0 && { user_id: actor.user_id }),
    ...(actor?.session_id && { session_id: actor.session_id }),
    ...(actor && { cause_id: actor.cause_id }),
    ip_address: request.ip,
    request_id: String(request.id).slice(0, 200),
  };
}

function splitUrl(url: string): [string, string?] {
  const mark = url.indexOf('?');
  return mark === -1 ? [url] : [url.slice(0, mark), url.slice(mark + 1)];
}

function codeOf(contentType: string | undefined, sent: string | Uint8Array | undefined): string | undefined {
  if (!contentType?.startsWith('application/problem+json') || typeof sent !== 'string') return undefined;
  return /"code":"([\w.-]{1,200})"/.exec(sent)?.[1];
}
