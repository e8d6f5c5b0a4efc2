import { Types } from 'mongoose';
import type { AttachmentMetadata } from './collections/attachment-metadata.js';

const sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const at = (minute: number) => new Date(Date.UTC(2026, 0, 15, 9, minute));

/** One complete document per collection of this category, for its tests. */
export const exampleDocuments = {
  AttachmentMetadata: (): AttachmentMetadata => ({
    _id: new Types.ObjectId(),
    entity_type: 'inspections',
    entity_id: '9',
    file_id: 'f-1',
    version: 2,
    is_current: true,
    state: 'stored',
    file_name: 'span-4 (north).jpg',
    content_type: 'image/jpeg',
    declared_content_type: 'image/png',
    size_bytes: 345_678,
    sha256,
    object_key: `attachments/9f/${sha256}`,
    etag: '"9f86d081"',
    upload: {
      upload_id: 'p-1',
      protocol: 'tus',
      received_bytes: 345_678,
      last_received_at: at(1),
      next_of: 'f-1',
      announced_sha256: sha256,
    },
    scan: { verdict: 'clean', engine: 'clamav 1.4', signature: 'none', scanned_at: at(2) },
    image: {
      width: 4_000,
      height: 3_000,
      thumbnails: [
        {
          object_key: 'thumbnails/9f',
          content_type: 'image/webp',
          width: 320,
          height: 240,
          size_bytes: 9_000,
        },
      ],
    },
    thumbnails_due: at(2),
    preview_fault: 'confined.memory',
    description: 'North face of span 4',
    tags: ['crack', 'north'],
    properties: { camera: 'DSC-1', taken_at: '2026-01-14' },
    source: 'upload',
    uploaded_by: 'u-inspector-1',
    uploaded_at: at(1),
    access_count: 1,
    recent_accesses: [{ user_id: 'u-engineer-1', at: at(5), action: 'download', ip_address: '192.0.2.10' }],
    retain_until: at(50),
    detached_at: at(6),
    deleted_at: at(7),
    deleted_by: 'u-inspector-1',
    purge_after: at(55),
    cause_id: '7b0d4f2e-9c0a-4f55-9d0e-3a1f6f2f9a04',
  }),
};
