import 'reflect-metadata';
import { Collection, growth, permanent } from '@infratraq/kernel';
import { modelOptions, prop } from '@typegoose/typegoose';

/**
 * How far a segment is: uploaded, read back and found whole, its documents marked as archived, gone from the store.
 * `published` is the only state of a seal's record.
 */
export const segmentStates = ['uploaded', 'verified', 'stamped', 'expired', 'published'] as const;
export type SegmentState = (typeof segmentStates)[number];

/** What stands for the collection's name in the record of an audit seal, of which no documents are archived. */
export const sealRecords = 'audit_seal';

const sha256 = /^[0-9a-f]{64}$/;

/** Sizes of a segment, in bytes. */
@modelOptions({ schemaOptions: { _id: false } })
export class SegmentSize {
  /** The documents as the store held them. */
  @prop({ type: Number, required: true, min: 0 })
  documents_bytes!: number;

  /** The object as it is stored, compressed. */
  @prop({ type: Number, required: true, min: 0 })
  object_bytes!: number;
}

/** One archived segment, or one published seal: what it holds, where it is, and the proof that it is whole. */
@Collection<ArchiveManifest>({
  name: 'archive_manifest',
  purpose: 'One record per archived segment and per audit seal: range, count, checksum and Merkle root',
  time: 'created_at',
  retention: permanent(),
  durability: 'journal-first',
  growth: growth('low', { documentBytes: 900, documentsPerDay: 40 }),
  traits: ['append-only', 'nested-fields'],
  indexes: [
    { key: { collection_name: 1, sequence: 1 }, unique: true, serves: 'listSegments' },
    { key: { collection_name: 1, range_from: 1 }, serves: 'listSegmentsInTime' },
    { key: { state: 1, created_at: 1 }, serves: 'listSegmentsInState' },
  ],
  shardKey: { collection_name: 1 },
})
export class ArchiveManifest {
  /** The collection that the segment was taken from; {@link sealRecords} for a seal of the audit trail. */
  @prop({ type: String, required: true, match: /^[a-z][a-z0-9_]{0,62}$/ })
  collection_name!: string;

  /** Place among the collection's segments, or the seal's among the seals, from 1, without gaps. */
  @prop({ type: Number, required: true, min: 1, validate: Number.isSafeInteger })
  sequence!: number;

  @prop({ type: String, required: true, enum: segmentStates })
  state!: SegmentState;

  /** The earliest time in the segment, inclusive. */
  @prop({ type: Date, required: true })
  range_from!: Date;

  /** The end of the segment's time, exclusive. */
  @prop({ type: Date, required: true })
  range_to!: Date;

  @prop({ type: Number, required: true, min: 1, validate: Number.isSafeInteger })
  document_count!: number;

  /** SHA-256 of the stored object, hexadecimal. */
  @prop({ type: String, required: true, match: sha256 })
  checksum_sha256!: string;

  /** Root (RFC 6962) over the hashes of the documents' canonical content, in the segment's order, hexadecimal. */
  @prop({ type: String, required: true, match: sha256 })
  merkle_root!: string;

  /** The Merkle root of the collection's segment before this one; absent on the first. */
  @prop({ type: String, match: sha256 })
  previous_root?: string;

  /** Where the object is, as a URI (`file:…`, `s3://…`, `gs://…`). */
  @prop({ type: String, required: true, match: /^(file|s3|gs):/, maxlength: 2_000 })
  object_uri!: string;

  @prop({ type: String, required: true, enum: ['parquet', 'json'] })
  format!: 'parquet' | 'json';

  @prop({ type: String, required: true, enum: ['zstd', 'none'] })
  compression!: 'zstd' | 'none';

  @prop({ type: () => SegmentSize, required: true })
  size!: SegmentSize;

  @prop({ type: Date, required: true })
  created_at!: Date;

  /** The process that wrote the segment. */
  @prop({ type: String, required: true, maxlength: 200 })
  created_by!: string;

  /** When the object was read back and its checksum and root were found right. */
  @prop({ type: Date })
  verified_at?: Date;

  /** When the segment's documents were marked as archived, which lets them expire. */
  @prop({ type: Date })
  stamped_at?: Date;

  @prop({ type: String })
  cause_id?: string;
}
