import { Types } from 'mongoose';
import type { ArchiveManifest } from './archive-manifest.js';
import type { EntityChangelog } from './entity-changelog.js';
import type { FieldAuditLog } from './field-audit-log.js';

const cause_id = '7b0d4f2e-9c0a-4f55-9d0e-3a1f6f2f9a01';

/** One complete document per collection of this category, for its tests. */
export const exampleDocuments = {
  EntityChangelog: (): EntityChangelog => ({
    _id: 'demo:0000000001A2B3C4:00000001',
    entity_type: 'work_orders',
    entity_id: '42',
    operation: 'UPDATE',
    old_value: { id: 42, title: 'Resurface deck', estimate: Types.Decimal128.fromString('1200.50') },
    new_value: {
      id: 42,
      title: 'Resurface deck and kerbs',
      estimate: Types.Decimal128.fromString('1450.00'),
    },
    changed_fields: ['title', 'estimate'],
    changed_by: 'u-engineer-1',
    changed_at: new Date('2026-01-15T10:20:30.456Z'),
    ip_address: '192.0.2.10',
    session_id: 'session-1',
    cause_id,
    reason: 'Scope agreed on site',
    transaction_id: '90871',
    lsn: '0/1A2B3C4',
    position: 1,
    schema_name: 'public',
    table_name: 'work_orders',
    source: 'application',
  }),
  FieldAuditLog: (): FieldAuditLog => ({
    _id: 'demo:0000000001A2B3C4:00000001:bank_account',
    change_id: 'demo:0000000001A2B3C4:00000001',
    entity_type: 'contractors',
    entity_id: '7',
    field: 'bank_account',
    operation: 'UPDATE',
    masking: 'partial',
    old_value: 'DE•• •••• 4711',
    new_value: 'DE•• •••• 0815',
    changed_by: 'u-engineer-1',
    changed_at: new Date('2026-01-15T10:20:30.456Z'),
    expires_at: new Date('2029-01-15T00:00:00Z'),
    ip_address: '192.0.2.10',
    session_id: 'session-1',
    cause_id,
    reason: 'New bank',
    transaction_id: '90871',
  }),
  ArchiveManifest: (): ArchiveManifest => ({
    collection_name: 'entity_changelog',
    sequence: 3,
    state: 'stamped',
    range_from: new Date('2026-01-01T00:00:00Z'),
    range_to: new Date('2026-01-02T00:00:00Z'),
    document_count: 148_211,
    checksum_sha256: 'a'.repeat(64),
    merkle_root: 'b'.repeat(64),
    previous_root: 'c'.repeat(64),
    object_uri: 's3://archive/entity_changelog/2026/01/01/000003.parquet',
    format: 'parquet',
    compression: 'zstd',
    size: { documents_bytes: 296_422_000, object_bytes: 21_004_331 },
    created_at: new Date('2026-02-01T02:00:00Z'),
    created_by: 'server-1',
    verified_at: new Date('2026-02-01T02:00:40Z'),
    stamped_at: new Date('2026-02-01T02:01:00Z'),
    cause_id,
  }),
};
