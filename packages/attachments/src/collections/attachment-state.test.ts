import { describe, expect, it } from '@jest/globals';
import { attachmentStates, isDownloadable, movesAttachment } from './attachment-state.js';
import { scanVerdicts } from './attachment-metadata-parts.js';

describe('an attached file', () => {
  it('can be downloaded only when it is stored and found clean', () => {
    const downloadable = attachmentStates.flatMap((state) =>
      scanVerdicts
        .filter((verdict) => isDownloadable({ state, scan: { verdict } }))
        .map((verdict) => [state, verdict]),
    );
    expect(downloadable).toEqual([['stored', 'clean']]);
  });

  it('can be restored after it was deleted, and never becomes an upload again', () => {
    expect(movesAttachment('deleted', 'stored')).toBe(true);
    expect(attachmentStates.some((from) => movesAttachment(from, 'uploading'))).toBe(false);
  });
});
