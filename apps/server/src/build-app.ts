import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { auditRoutes } from '@infratraq/audit/routes';
import { activityRoutes } from '@infratraq/activity/routes';
import { cacheRoutes, searchRoutes } from '@infratraq/caches/routes';
import { requestLog } from '@infratraq/integration/request-log';
import { integrationRoutes } from '@infratraq/integration/routes';
import { messagingRoutes } from '@infratraq/messaging/routes';
import { preferenceRoutes } from '@infratraq/preferences/routes';
import { registerTransport } from '@infratraq/transport';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { describeApi } from './api-description.js';
import { collectionRoutes } from './collections/collection-routes.js';
import { serveConsole } from './console.js';
import type { Environment } from '@infratraq/environment';
import { healthRoutes } from './health-routes.js';
import { devTokenRoutes } from './identity/dev-token-routes.js';
import type { Tokens } from './identity/tokens.js';
import { recognizeDatabaseError } from './recognize-database-error.js';
import type { Services } from './services.js';

const apiPrefix = '/api/v1';
const bodyLimitBytes = 1024 * 1024;

/** Composes the HTTP side of the server; it neither connects nor listens. */
export async function buildApp(
  environment: Environment,
  tokens: Tokens,
  services: Services,
  logger: FastifyBaseLogger,
): Promise<FastifyInstance> {
  const app = Fastify({ loggerInstance: logger, bodyLimit: bodyLimitBytes, disableRequestLogging: true });
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
  await app.register(cors, { origin: environment.CORS_ORIGINS ?? false });
  await app.register(registerTransport, {
    authenticate: tokens.authenticate,
    recognizeError: recognizeDatabaseError,
  });
  await app.register(rateLimit, { max: environment.RATE_LIMIT_PER_MINUTE, timeWindow: '1 minute' });
  await app.register(requestLog, { recorder: services.events });
  await app.register(describeApi);

  await app.register(healthRoutes, { checks: services.healthChecks });
  const { issue } = tokens;
  if (issue) await app.register(devTokenRoutes, { prefix: apiPrefix, issue });
  await app.register(collectionRoutes, { prefix: apiPrefix, ...services.collections });
  await app.register(auditRoutes, { prefix: apiPrefix, history: services.auditHistory });
  await app.register(integrationRoutes, { prefix: apiPrefix, models: services.models });
  await app.register(activityRoutes, { prefix: apiPrefix, recorder: services.events });
  await app.register(messagingRoutes, {
    prefix: apiPrefix,
    chat: services.chat,
    comments: services.comments,
  });
  await app.register(preferenceRoutes, { prefix: apiPrefix, ...services.preferences });
  await app.register(cacheRoutes, { prefix: apiPrefix, reports: services.reports });
  await app.register(searchRoutes, { prefix: apiPrefix, search: services.search });
  await app.register(serveConsole);
  return app;
}
