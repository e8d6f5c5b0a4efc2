import { openAudit } from '@infratraq/audit';
import { auditMigrations } from '@infratraq/audit/postgres';
import {
  auditRoutes,
  declarationRoutes,
  fieldRoutes,
  restoreRoutes,
  sealRoutes,
} from '@infratraq/audit/routes';
import { lateSealSecondsOf, sealsUrlOf } from '@infratraq/environment';
import type { Feature } from '../feature.js';
import type { ObservabilityServices } from '../observability/index.js';
import { nameColumn, type ListHidden } from './hidden-columns.js';
import { watchAuditSeals } from './watch-audit-seals.js';
import { watchLostFields } from './watch-lost-fields.js';

/** What other features may ask of the audit trail. */
export interface AuditServices {
  readonly listHidden: ListHidden;
}

/** The trail of row changes: its history, its seals, sensitive columns and the restoring of rows. */
export const audit: Feature<{ observability: ObservabilityServices }, AuditServices> = {
  migrations: [auditMigrations],
  open: async (platform, { observability }, defer) => {
    const { environment, models, postgres, redactionKey, onError } = platform;
    const trail = await openAudit({
      models,
      postgres,
      redactionKey,
      sealsUrl: sealsUrlOf(environment),
      sealIntervalSeconds: environment.AUDIT_SEAL_INTERVAL_SECONDS,
      lateSeconds: lateSealSecondsOf(environment),
      onError,
    });
    defer(() => trail.close());
    return {
      services: {
        listHidden: async () => {
          const fields = await trail.sensitiveFields.list();
          return new Set(fields.map(({ table_name, column_name }) => nameColumn(table_name, column_name)));
        },
      },
      routes: async (api) => {
        await api.register(auditRoutes, trail);
        await api.register(fieldRoutes, trail);
        await api.register(sealRoutes, trail);
        await api.register(declarationRoutes, trail);
        await api.register(restoreRoutes, trail);
      },
      consumers: trail.consumers.map((consumer) => ({ ...consumer, masks: true })),
      start: async (_offers, started) => {
        watchAuditSeals(trail.trail, { ...platform, ...observability }, started);
        watchLostFields(trail.sensitiveFields, platform, started);
      },
    };
  },
};
