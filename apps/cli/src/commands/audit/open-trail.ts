import {
  ArchiveManifest,
  AuditHistory,
  createMask,
  EntityChangelog,
  FieldAuditLog,
  findRefusedChanges,
  SensitiveReader,
} from '@infratraq/audit';
import { createAuditSealRepository, createSensitiveFieldRepository } from '@infratraq/audit/postgres';
import { RowRestorer } from '@infratraq/audit/restore';
import { keepRedactionKey, readEnvironment } from '@infratraq/environment';
import { InvalidInputError } from '@infratraq/kernel';
import { bindModels, type Mongo } from '@infratraq/mongo';
import type { Postgres } from '@infratraq/postgres';
import { withDatabases } from '../../connections/with-databases.js';

/** What the audit trail is read, proved and restored with. */
export type Trail = ReturnType<typeof openTrail>;

/** Runs the work with the audit trail. */
export function withTrail<Result>(
  source: NodeJS.ProcessEnv,
  work: (trail: Trail) => Promise<Result>,
): Promise<Result> {
  return withDatabases(source, async ({ mongo, postgres }) =>
    work(openTrail(mongo, postgres, await keepRedactionKey(readEnvironment(source)))),
  );
}

function openTrail(mongo: Mongo, postgres: Postgres, key: string) {
  const models = bindModels(mongo.connection, [EntityChangelog, ArchiveManifest, FieldAuditLog]);
  const sensitive = { models, fields: createSensitiveFieldRepository(postgres), mask: createMask(key) };
  return {
    postgres,
    models,
    keeper: createAuditSealRepository(postgres),
    refused: findRefusedChanges(postgres),
    history: new AuditHistory(models),
    reader: new SensitiveReader(sensitive),
    restorer: new RowRestorer({ ...sensitive, postgres, key }),
  };
}

/** @throws InvalidInputError when the text is no point in time */
export function readTime(text: string): Date {
  const time = new Date(text);
  if (!/^\d{4}-/.test(text) || Number.isNaN(time.getTime()))
    throw new InvalidInputError(`${text} is no time: write it like 2026-01-31T12:00:00Z`);
  return time;
}
