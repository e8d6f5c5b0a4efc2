import { createConfinedJobs, type ConfinedJobs } from '@infratraq/confined-jobs';
import { InfratraqError } from '@infratraq/kernel';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import type { PreviewValue } from './preview.job.js';

/** A smaller image of an image. */
export interface Thumbnail {
  readonly width: number;
  readonly height: number;
  readonly contentType: 'image/webp';
  readonly content: Buffer;
}

/** An image's size in pixels, as it is shown, and its thumbnails, the smallest first. */
export interface ImagePreview {
  readonly width: number;
  readonly height: number;
  readonly thumbnails: readonly Thumbnail[];
}

/** Makes previews of images. */
export interface ThumbnailMaker {
  /** Whether content of this type is an image that it reads. */
  reads(contentType: string): boolean;
  /**
   * @throws InfratraqError with status 422 if the image is at fault: `attachment.image-unreadable`,
   * `attachment.image-too-large`, or a limit that it broke (`confined.memory`); other errors may pass
   */
  preview(content: Readable): Promise<ImagePreview>;
}

const readTypes = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif', 'image/tiff'];
const mebibyte = 1024 * 1024;
const job = {
  module: new URL('./preview.job.js', import.meta.url),
  limits: { deadlineMilliseconds: 15_000, inputBytes: 32 * mebibyte, outputBytes: 8 * mebibyte },
};

/**
 * Makes thumbnails with sharp in a process of its own, re-encoded as WebP without any of the image's own metadata.
 * @throws InfratraqError `attachment.sharp-missing` when sharp isn't installed
 */
export async function createThumbnailMaker(
  jobs: ConfinedJobs = createConfinedJobs(),
): Promise<ThumbnailMaker> {
  // Its native library is loaded by the children alone.
  if (!isInstalled())
    throw new InfratraqError('attachment.sharp-missing', 'To make thumbnails, install sharp');
  return {
    reads: (contentType) => readTypes.includes(contentType),

    async preview(content) {
      try {
        const { value, contents } = await jobs.run<PreviewValue>(job, content);
        const thumbnails = value.thumbnails.map((size, place) => ({
          ...size,
          contentType: 'image/webp' as const,
          content: contents[place] as Buffer,
        }));
        return { width: value.width, height: value.height, thumbnails };
      } finally {
        content.destroy();
      }
    },
  };
}

function isInstalled(): boolean {
  try {
    return Boolean(createRequire(import.meta.url).resolve('sharp'));
  } catch {
    return false;
  }
}
