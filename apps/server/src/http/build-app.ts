import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { registerTransport, unknownRoutes } from '@infratraq/transport/fastify';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { OpenFeatures } from '../feature-list.js';
import type { Platform } from '../platform/platform.js';
import { limitSlowBodies } from './limit-slow-bodies.js';
import { longestUrlBytes, refuseUnreadable, refuseUrl } from './refuse-unreadable.js';
import { timeLimits } from './time-limits.js';
import { trustedProxiesOf } from '../platform/trusted-proxies.js';

const bodyLimitBytes = 1024 * 1024;

/** Answered headers that scripts of other origins may read. */
const exposedHeaders = [
  'Location',
  'Upload-Offset',
  'Upload-Length',
  'Tus-Resumable',
  'Attachment-File-Id',
  'Attachment-Version',
  'Content-Range',
  'Content-Disposition',
  'ETag',
  'X-Cause-Id',
];

/** Builds the HTTP application of open features; it does not listen. */
export async function buildApp(
  { environment, tokens, log, stopping }: Pick<Platform, 'environment' | 'tokens' | 'log' | 'stopping'>,
  features: OpenFeatures,
): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = log;
  const app = Fastify({
    loggerInstance,
    bodyLimit: bodyLimitBytes,
    // What a schema admits, the router passes on; Node.js bounds the URL as a whole.
    routerOptions: { maxParamLength: longestUrlBytes },
    frameworkErrors: refuseUrl,
    clientErrorHandler: refuseUnreadable,
    ...timeLimits,
    trustProxy: trustedProxiesOf(environment) ?? false,
    // What still comes over open connections is served; each is closed behind its answer.
    return503OnClosing: false,
    logController: new LogController({ disableRequestLogging: true }),
  });
  app.addHook('onSend', async (_request, reply) => {
    if (stopping.aborted) reply.header('connection', 'close');
  });
  await app.register(limitSlowBodies);
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'", 'ws:', 'wss:'],
        upgradeInsecureRequests: null,
      },
    },
  });
  await app.register(cors, {
    origin: environment.CORS_ORIGINS ?? false,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders,
  });
  await app.register(registerTransport, {
    authenticate: tokens.authenticate,
    access: features.access,
  });
  // Every route of this server has the transport, those of libraries and unknown ones too.
  await app.register(fastifyPlugin(async (root) => unknownRoutes(root, {})));
  await app.register(rateLimit, {
    max: environment.RATE_LIMIT_PER_MINUTE,
    timeWindow: '1 minute',
    keyGenerator: ({ actor, ip }) => (actor.roles.length > 0 ? actor.user_id : ip),
  });
  for (const { hooks } of features.parts) await hooks?.(app);
  for (const { pages } of features.parts) await pages?.(app, features);
  await app.register(
    async (api) => {
      for (const { routes } of features.parts) await routes?.(api, features);
    },
    { prefix: '/api/v1' },
  );
  return app;
}
