import { createHash } from 'node:crypto';
import type { Models } from '@infratraq/mongo';
import { ArchiveManifest, sealRecords } from '../collections/archive-manifest.js';
import { listSegments } from '../collections/archive-manifest.queries.js';
import { packChanges, writeSealFile, type Seal, type SealWithChanges } from './seal.js';

/**
 * Records a seal in `archive_manifest`, so that its root is kept in both databases and outside them; a record that is
 * there already stays as it is.
 */
export async function recordSeal(models: Models, seal: SealWithChanges, objectUri: string): Promise<void> {
  const file = writeSealFile(seal);
  const times = seal.changes.map(({ changed_at }) => changed_at.getTime());
  const record: ArchiveManifest = {
    collection_name: sealRecords,
    sequence: seal.sequence,
    state: 'published',
    range_from: new Date(Math.min(...times)),
    range_to: new Date(Math.max(...times) + 1),
    document_count: seal.change_count,
    checksum_sha256: createHash('sha256').update(file).digest('hex'),
    merkle_root: seal.merkle_root,
    object_uri: objectUri,
    format: 'json',
    compression: 'none',
    size: { documents_bytes: packChanges(seal.changes).length, object_bytes: Buffer.byteLength(file) },
    created_at: seal.sealed_at,
    created_by: 'audit sealer',
  };
  const { collection_name, sequence, ...rest } = record;
  await models
    .of(ArchiveManifest)
    .updateOne({ collection_name, sequence }, { $setOnInsert: rest }, { upsert: true, runValidators: true });
}

/** The Merkle roots that `archive_manifest` records of seals after a sequence, by their sequences. */
export async function readRecordedRoots(
  models: Models,
  { after, limit }: { after: number; limit: number },
): Promise<ReadonlyMap<Seal['sequence'], string>> {
  const records = await models.find(listSegments, { collection_name: sealRecords, after }, { limit });
  return new Map(records.map(({ sequence, merkle_root }) => [sequence, merkle_root]));
}
