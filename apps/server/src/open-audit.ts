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
import { createAuditSealRepository, createSensitiveFieldRepository } from '@infratraq/audit/postgres';
import { RowRestorer } from '@infratraq/audit/restore';
import { lateSealSecondsOf, sealsUrlOf, type Environment } from '@infratraq/environment';
import { repeat, type EventRecorder } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import { openObjects } from '@infratraq/objects';
import type { Postgres } from '@infratraq/postgres';
import type { FastifyBaseLogger } from 'fastify';
import { watchAuditSeals } from './watch-audit-seals.js';

/** What the audit trail stands on. */
export interface OpenAuditOptions {
  readonly environment: Environment;
  readonly models: Models;
  readonly postgres: Postgres;
  readonly events: EventRecorder;
  /** Of the digests that stand for sensitive values. */
  readonly redactionKey: string;
  readonly log: FastifyBaseLogger;
}

export type Audit = Awaited<ReturnType<typeof openAudit>>;

/** Opens the audit trail, and seals it at the environment's interval. */
export async function openAudit({
  environment,
  models,
  postgres,
  events,
  redactionKey,
  log,
}: OpenAuditOptions) {
  const keeper = createAuditSealRepository(postgres);
  const url = sealsUrlOf(environment);
  const objects = await openObjects(url);
  const publisher = publishToObjects(objects, url);
  const trail = { models, keeper, refused: findRefusedChanges(postgres), publisher };
  const sealer = new AuditSealer(trail);

  const sensitive = {
    models,
    fields: createSensitiveFieldRepository(postgres),
    mask: createMask(redactionKey),
  };
  const reader = new SensitiveReader(sensitive);

  const seal = async () => {
    const seals = await sealer.seal();
    if (seals.length > 0) log.debug({ seals: seals.length }, 'the audit trail was sealed');
  };
  const sealing = repeat(seal, {
    everyMilliseconds: environment.AUDIT_SEAL_INTERVAL_SECONDS * 1_000,
    onError: (error) =>
      log.error(
        { err: error },
        'the audit trail could not be sealed; it is tried again at the next interval',
      ),
  });
  const watch = watchAuditSeals({ environment, trail, events, log });
  return {
    history: new AuditHistory(models),
    verifier: new AuditVerifier({ ...trail, lateSeconds: lateSealSecondsOf(environment) }),
    prove: (changeId: string, disclosure: Disclosure) =>
      proveChange(models, keeper, changeId, (change) => reader.admit(change, disclosure)),
    reader,
    sensitiveFields: sensitive.fields,
    restorer: new RowRestorer({ ...sensitive, postgres, key: redactionKey }),
    fieldAudit: new FieldAudit(models),
    consumers: [recordSensitiveChanges(sensitive)],
    async close() {
      await watch.stop();
      await sealing.stop();
      await objects.close();
    },
  };
}
