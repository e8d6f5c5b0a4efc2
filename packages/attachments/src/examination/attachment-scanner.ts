import type { Readable } from 'node:stream';
import type { ScanVerdict } from '../collections/attachment-metadata-parts.js';

/** What a scanner says of content. */
export interface ScanResult {
  readonly verdict: Exclude<ScanVerdict, 'pending'>;
  readonly engine: string;
  /** Name of what was found, or why nothing could be said. */
  readonly signature?: string;
}

/** Looks for malware in content. It throws when it can't say anything now; the content is then scanned again later. */
export interface AttachmentScanner {
  scan(content: Readable): Promise<ScanResult>;
}
