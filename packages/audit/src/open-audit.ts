import { openParts, repeat, warnOfError, type CollectionStates, type ReportError } from '@infratraq/kernel';
import { openModels, type MongoSource } from '@infratraq/mongo';
import { openObjects } from '@infratraq/objects';
import { openPostgres, type PostgresSource } from '@infratraq/postgres';
import type { ChangeConsumer } from '@infratraq/capture';
import { audit } from './category.js';
import { AuditHistory } from './history/audit-history.js';
import {
  auditMigrations,
  createAuditSealRepository,
  createSensitiveFieldRepository,
} from './postgres/index.js';
import { RowRestorer } from './restore/row-restorer.js';
import { AuditSealer } from './seals/audit-sealer.js';
import { AuditVerifier } from './seals/audit-verifier.js';
import { findRefusedChanges } from './seals/find-refused-changes.js';
import type { SealingTrail } from './seals/measure-sealing.js';
import { proveChange, type InclusionProof } from './seals/prove-change.js';
import { publishToObjects } from './seals/publish-seals.js';
import type { SegmentReader } from './seals/seal-ports.js';
import { FieldAudit } from './sensitive/field-audit.js';
import { createMask } from './sensitive/mask-value.js';
import { recordSensitiveChanges } from './sensitive/record-sensitive-changes.js';
import type { SensitiveFieldKeeper } from './sensitive/sensitive-fields.js';
import { SensitiveReader, type Disclosure } from './sensitive/sensitive-reader.js';

/** The databases of the audit trail, and how it is sealed. */
export type OpenAuditOptions = MongoSource &
  PostgresSource & {
    /** Keys the digests of sensitive values and the ids of restore plans; the same in every process. */
    readonly redactionKey: string;
    /** Where seals are published (`file:…`, `s3://…`, `gs://…`). Absent: they are kept in the databases alone. */
    readonly sealsUrl?: string;
    /** How often to seal. Absent: `sealer.seal()` is the caller's to call. */
    readonly sealIntervalSeconds?: number;
    /**
     * How long a change may wait for its seal before verifying reports it.
     * @default 600
     */
    readonly lateSeconds?: number;
    /** Reads archived segments back. Absent: a change that is no longer stored counts as removed. */
    readonly segments?: SegmentReader;
    readonly onError?: ReportError;
    readonly states?: CollectionStates;
  };

/** Services that read, prove and restore the audit trail. */
export interface OpenedAudit {
  readonly history: AuditHistory;
  /** Masks what is declared sensitive, or records who reads it unmasked. */
  readonly reader: SensitiveReader;
  readonly fieldAudit: FieldAudit;
  readonly sensitiveFields: SensitiveFieldKeeper;
  readonly restorer: RowRestorer;
  readonly sealer: AuditSealer;
  readonly verifier: AuditVerifier;
  /** What `watchSealing` measures. */
  readonly trail: SealingTrail;
  /** Proves that a change is in the trail. */
  prove(changeId: string, disclosure?: Disclosure): Promise<InclusionProof>;
  /** For the consumers of change capture: they write the field audit. */
  readonly consumers: readonly ChangeConsumer[];
  close(): Promise<void>;
}

/**
 * Opens the audit trail, which change capture writes.
 *
 * @throws InfratraqError `mongo.unreachable`, `postgres.unreachable`; InvalidInputError `objects.url.invalid`
 * @example
 * const { history, close } = await openAudit({ mongodbUri, postgresUrl, redactionKey });
 * const { items } = await history.listChanges({ entity_type: 'contracts', entity_id: '7' });
 */
export async function openAudit(options: OpenAuditOptions): Promise<OpenedAudit> {
  const { redactionKey, sealsUrl, sealIntervalSeconds, lateSeconds, segments, states } = options;
  const { onError = warnOfError } = options;
  return openParts(async (defer) => {
    const { postgres, close: closePostgres } = await openPostgres(options, [auditMigrations], { onError });
    defer(closePostgres);
    const { models, close } = await openModels(options, audit, states && { states });
    defer(close);
    const objects = sealsUrl === undefined ? undefined : await openObjects(sealsUrl);
    defer(() => objects?.close());

    const publisher = objects && publishToObjects(objects, sealsUrl ?? '');
    const trail = {
      models,
      keeper: createAuditSealRepository(postgres),
      refused: findRefusedChanges(postgres),
      publisher,
    };
    const sealer = new AuditSealer(trail);
    if (sealIntervalSeconds !== undefined) {
      const sealing = repeat(() => sealer.seal(), {
        everyMilliseconds: sealIntervalSeconds * 1_000,
        onError: (error) => onError(error, 'sealing the audit trail'),
      });
      defer(() => sealing.stop());
    }
    const sensitive = {
      models,
      fields: createSensitiveFieldRepository(postgres),
      mask: createMask(redactionKey),
    };
    const reader = new SensitiveReader(sensitive);
    return {
      history: new AuditHistory(models),
      reader,
      fieldAudit: new FieldAudit(models),
      sensitiveFields: sensitive.fields,
      restorer: new RowRestorer({ ...sensitive, postgres, key: redactionKey }),
      sealer,
      verifier: new AuditVerifier({
        ...trail,
        segments,
        ...(lateSeconds !== undefined && { lateSeconds }),
      }),
      trail,
      prove: (changeId: string, disclosure: Disclosure = {}) =>
        proveChange(models, trail.keeper, changeId, (change) => reader.admit(change, disclosure)),
      consumers: [recordSensitiveChanges(sensitive)],
    };
  });
}
