import {
  AuditHistory,
  AuditSealer,
  AuditVerifier,
  createMask,
  FieldAudit,
  findRefusedChanges,
  proveChange,
  publishToObjects,
  recordSensitiveChanges,
  SensitiveReader,
  type Disclosure,
} from '@infratraq/audit';
import {
  auditMigrations,
  createAuditSealRepository,
  createSensitiveFieldRepository,
} from '@infratraq/audit/postgres';
import { RowRestorer } from '@infratraq/audit/restore';
import {
  auditRoutes,
  declarationRoutes,
  fieldRoutes,
  restoreRoutes,
  sealRoutes,
} from '@infratraq/audit/routes';
import { lateSealSecondsOf, sealsUrlOf } from '@infratraq/environment';
import { openObjects } from '@infratraq/objects';
import type { Feature } from '../feature.js';
import type { ObservabilityServices } from '../observability/index.js';
import { nameColumn, type ListHidden } from './hidden-columns.js';
import { keepSealing } from './keep-sealing.js';
import { watchAuditSeals } from './watch-audit-seals.js';

/** What other features may ask of the audit trail. */
export interface AuditServices {
  readonly listHidden: ListHidden;
}

/** The trail of row changes: what is read of it, its seals, sensitive columns and the restoring of rows. */
export const audit: Feature<{ observability: ObservabilityServices }, AuditServices> = {
  migrations: [auditMigrations],
  open: async (platform, { observability }, defer) => {
    const { environment, models, postgres, redactionKey } = platform;
    const seals = createAuditSealRepository(postgres);
    const url = sealsUrlOf(environment);
    const objects = await openObjects(url);
    defer(() => objects.close());
    const trail = {
      models,
      keeper: seals,
      refused: findRefusedChanges(postgres),
      publisher: publishToObjects(objects, url),
    };
    const sensitiveFields = createSensitiveFieldRepository(postgres);
    const sensitive = { models, fields: sensitiveFields, mask: createMask(redactionKey) };
    const reader = new SensitiveReader(sensitive);
    const history = new AuditHistory(models);
    return {
      services: {
        listHidden: async () => {
          const fields = await sensitiveFields.list();
          return new Set(fields.map(({ table_name, column_name }) => nameColumn(table_name, column_name)));
        },
      },
      routes: async (api) => {
        await api.register(auditRoutes, { history, reader });
        await api.register(fieldRoutes, { history, reader, fieldAudit: new FieldAudit(models) });
        await api.register(sealRoutes, {
          verifier: new AuditVerifier({ ...trail, lateSeconds: lateSealSecondsOf(environment) }),
          prove: (changeId: string, disclosure: Disclosure) =>
            proveChange(models, seals, changeId, (change) => reader.admit(change, disclosure)),
        });
        await api.register(declarationRoutes, { sensitiveFields });
        await api.register(restoreRoutes, {
          restorer: new RowRestorer({ ...sensitive, postgres, key: redactionKey }),
        });
      },
      consumers: [{ ...recordSensitiveChanges(sensitive), masks: true }],
      start: async (_offers, started) => {
        keepSealing(new AuditSealer(trail), platform, started);
        watchAuditSeals(trail, { ...platform, ...observability }, started);
      },
    };
  },
};
