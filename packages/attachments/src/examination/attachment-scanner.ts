import type { Readable } from 'node:stream';
import type { ScanVerdict } from '../collections/attachment-metadata-parts.js';

/** A scanner's verdict on content. */
export interface ScanResult {
  readonly verdict: Exclude<ScanVerdict, 'pending'>;
  readonly engine: string;
  /** Name of what was found, or why nothing could be said. */
  readonly signature?: string;
}

/** Scans content for malware. It throws when it has no verdict now; the content is scanned again later. */
export interface AttachmentScanner {
  scan(content: Readable): Promise<ScanResult>;
}
