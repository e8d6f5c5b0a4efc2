import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import {
  auditRoutes,
  declarationRoutes,
  fieldRoutes,
  restoreRoutes,
  sealRoutes,
} from '@infratraq/audit/routes';
import { activityRoutes } from '@infratraq/activity/routes';
import { attachmentRoutes } from '@infratraq/attachments/routes';
import { tusRoutes } from '@infratraq/attachments/tus';
import { cacheRoutes, dashboardRoutes, searchRoutes } from '@infratraq/caches/routes';
import { requestLog } from '@infratraq/integration/request-log';
import { integrationRoutes } from '@infratraq/integration/routes';
import { emailRoutes, inboundMailRoutes, messagingRoutes } from '@infratraq/messaging/routes';
import { requestMetrics } from '@infratraq/observability/request-metrics';
import { deviceRoutes } from '@infratraq/notifications/devices';
import { notificationHooks } from '@infratraq/notifications/hooks';
import { notificationRoutes } from '@infratraq/notifications/routes';
import { objectRoutes } from '@infratraq/objects/routes';
import { preferenceRoutes } from '@infratraq/preferences/routes';
import { registerTransport, unknownRoutes } from '@infratraq/transport/fastify';
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
} from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { hostname } from 'node:os';
import { describeApi } from './api-description.js';
import { collectionRoutes } from './collections/collection-routes.js';
import { serveConsole } from './console.js';
import type { Environment } from '@infratraq/environment';
import { healthRoutes } from './health-routes.js';
import { devTokenRoutes } from './identity/dev-token-routes.js';
import type { Tokens } from './identity/tokens.js';
import { composeHooks } from './notifications/compose-hooks.js';
import { recognizeDatabaseError } from './recognize-database-error.js';
import type { Services } from './services.js';

const bodyLimitBytes = 1024 * 1024;

/** Composes the HTTP side of the server; it neither connects nor listens. */
export async function buildApp(
  environment: Environment,
  tokens: Tokens,
  services: Services,
  logger: FastifyBaseLogger,
): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: logger,
    bodyLimit: bodyLimitBytes,
    logController: new LogController({ disableRequestLogging: true }),
  });
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
    exposedHeaders: [
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
    ],
  });
  await app.register(registerTransport, {
    authenticate: tokens.authenticate,
    recognizeError: recognizeDatabaseError,
  });
  // Every route of this server has the transport, those of libraries and unknown ones too.
  await app.register(fastifyPlugin(async (root) => unknownRoutes(root, {})));
  await app.register(rateLimit, {
    max: environment.RATE_LIMIT_PER_MINUTE,
    timeWindow: '1 minute',
    keyGenerator: ({ actor, ip }) => (actor.roles.length > 0 ? actor.user_id : ip),
  });
  await app.register(requestLog, { events: services.events });
  await app.register(requestMetrics, {
    events: services.events,
    instance: `${hostname()}:${process.pid}`,
    windowSeconds: environment.METRICS_WINDOW_SECONDS,
  });
  await app.register(describeApi);

  await app.register(healthRoutes, { checks: services.healthChecks });
  await app.register(registerApi, { prefix: '/api/v1', environment, tokens, services });
  await app.register(serveConsole);
  return app;
}

const registerApi: FastifyPluginAsync<{
  environment: Environment;
  tokens: Tokens;
  services: Services;
}> = async (api, { environment, tokens, services }) => {
  const { events, models, files, mail, chat, comments } = services;
  if (tokens.issue) await api.register(devTokenRoutes, { issue: tokens.issue });
  await api.register(collectionRoutes, services.collections);
  await api.register(auditRoutes, services.audit);
  await api.register(fieldRoutes, services.audit);
  await api.register(sealRoutes, services.audit);
  await api.register(declarationRoutes, services.audit);
  await api.register(restoreRoutes, services.audit);
  await api.register(integrationRoutes, { models });
  await api.register(activityRoutes, { events });
  await api.register(messagingRoutes, { chat, comments });
  await api.register(emailRoutes, { emails: mail.emails });
  if (mail.inbound) await api.register(inboundMailRoutes, mail.inbound);
  await api.register(attachmentRoutes, files);
  await api.register(tusRoutes, { uploads: files.uploads });
  if (files.objects.kind === 'folder') await api.register(objectRoutes, files);
  await api.register(preferenceRoutes, services.preferences);
  await api.register(notificationRoutes, services);
  await api.register(deviceRoutes, {
    devices: services.devices,
    vapidPublicKey: environment.VAPID_PUBLIC_KEY,
    pushHosts: environment.WEB_PUSH_HOSTS,
  });
  await api.register(notificationHooks, composeHooks(environment, services));
  await api.register(cacheRoutes, { reports: services.reports });
  await api.register(searchRoutes, { search: services.search });
  await api.register(dashboardRoutes, { figures: services.figures });
};
