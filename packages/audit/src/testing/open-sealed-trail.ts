import {
  createCapture,
  createMongoChangeSink,
  keepRefusedChange,
  prepareCapture,
  removeCapture,
  replayRefusedChanges,
} from '@infratraq/capture';
import { createTestDatabases } from '@infratraq/engines';
import { bindModels, connectMongo } from '@infratraq/mongo';
import { openObjects } from '@infratraq/objects';
import { openPostgres } from '@infratraq/postgres';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ArchiveManifest } from '../collections/archive-manifest.js';
import { AuditSealer, type AuditSealerOptions } from '../seals/audit-sealer.js';
import { AuditVerifier, type AuditVerifierOptions } from '../seals/audit-verifier.js';
import { EntityChangelog } from '../collections/entity-changelog.js';
import { findRefusedChanges } from '../seals/find-refused-changes.js';
import { publishToObjects } from '../seals/publish-seals.js';
import { auditMigrations, createAuditSealRepository } from '../postgres/index.js';

/** Both databases with capture between them, and seals that are published to a folder. */
export async function openSealedTrail() {
  const databases = await createTestDatabases();
  const folder = await mkdtemp(join(tmpdir(), 'seals-'));
  const { postgres } = await openPostgres(databases, [auditMigrations]);
  const names = {
    slot: `seals_${crypto.randomUUID().replaceAll('-', '')}`,
    publication: 'infratraq_changes',
  };
  await prepareCapture(postgres, names);
  const mongo = await connectMongo({ uri: databases.mongodbUri });
  const models = bindModels(mongo.connection, [EntityChangelog, ArchiveManifest]);
  const objects = await openObjects(pathToFileURL(folder).href);
  const keeper = createAuditSealRepository(postgres);
  const publisher = publishToObjects(objects, pathToFileURL(folder).href);
  const query = async (text: string) => (await postgres.pool.query(text)).rows as Record<string, never>[];
  // Without a key, so that a bridge can be added twice.
  await query('create table bridges (id int, name text)');
  const changes = mongo.connection.collection<{ _id: string; new_value: { name: string } }>(
    'entity_changelog',
  );
  const refused = findRefusedChanges(postgres);
  const verifier = new AuditVerifier({ models, keeper, refused, publisher });
  const sealer = (changesPerSeal?: number) =>
    new AuditSealer({ models, keeper, refused, publisher, ...(changesPerSeal && { changesPerSeal }) });

  return {
    folder,
    models,
    keeper,
    publisher,
    objects,
    query,
    sealer,
    changes,
    refused,
    sealerOf: (options: Partial<AuditSealerOptions>) =>
      new AuditSealer({ models, keeper, refused, publisher, ...options }),
    verifier,
    /** What verifying the whole trail finds. */
    findings: async () => (await verifier.verify()).findings,
    verifierOf: (options: Partial<AuditVerifierOptions>) =>
      new AuditVerifier({ models, keeper, refused, publisher, ...options }),
    replayRefused: () => replayRefusedChanges({ postgres, sink: createMongoChangeSink(mongo.connection) }),
    /** The id of the change that added a bridge. */
    async changeOf(bridge: number): Promise<string> {
      const found = await changes.findOne({ 'new_value.id': bridge } as never);
      return found!._id;
    },
    /** Adds bridges, and resolves once capture has confirmed them. */
    async addBridges(from: number, to: number) {
      const capture = createCapture({
        ...names,
        postgresUrl: databases.postgresUrl,
        sink: createMongoChangeSink(mongo.connection, {
          onRejected: (one) => keepRefusedChange(postgres, one),
        }),
      });
      const started = once(capture, 'capture:started');
      capture.start();
      await started;
      const expected = capture.status().changes + (to - from + 1);
      const stored = new Promise<void>((resolve) =>
        capture.on('capture:advanced', () => {
          if (capture.status().changes >= expected) resolve();
        }),
      );
      await query(`insert into bridges select n, 'bridge ' || n from generate_series(${from}, ${to}) n`);
      await stored;
      await capture.stop();
    },
    async close() {
      await removeCapture(postgres, names);
      await objects.close();
      await postgres.close();
      await mongo.close();
      await databases.drop();
      await rm(folder, { recursive: true });
    },
  };
}

export type SealedTrail = Awaited<ReturnType<typeof openSealedTrail>>;
