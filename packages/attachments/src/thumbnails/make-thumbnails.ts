import { InfratraqError } from '@infratraq/kernel';
import type { Readable } from 'node:stream';

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
  /** @throws InfratraqError `attachment.image-unreadable` */
  preview(content: Readable): Promise<ImagePreview>;
}

const readTypes = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif', 'image/tiff'];
const widths = [320, 1280];
// A small file can unpack to an image of any size.
const maximumPixels = 100_000_000;

/**
 * Makes thumbnails with sharp, re-encoded as WebP without any of the image's own metadata.
 * @throws InfratraqError `attachment.sharp-missing` when sharp isn't installed
 */
export async function createThumbnailMaker(): Promise<ThumbnailMaker> {
  const { default: sharp } = await import('sharp').catch((cause: unknown) => {
    throw new InfratraqError('attachment.sharp-missing', 'To make thumbnails, install sharp', { cause });
  });
  return {
    reads: (contentType) => readTypes.includes(contentType),

    async preview(content) {
      const image = sharp({ limitInputPixels: maximumPixels, failOn: 'error', sequentialRead: true });
      // The reader waits for the end of its input, which a source that fails never reaches.
      let sourceFault: unknown;
      const failed = new Promise<never>((_resolve, reject) => {
        content.once('error', (error) => {
          sourceFault = error;
          reject(error);
        });
      });
      failed.catch(() => undefined);
      // What is wrong with the image is told by the promises below.
      image.on('error', () => undefined);
      content.pipe(image);
      const make = async () => {
        const { width, height, autoOrient } = await image.metadata();
        const shown = autoOrient ?? { width, height };
        const thumbnails = await Promise.all(
          widths.map(async (target) => {
            const { data, info } = await image
              .clone()
              .autoOrient()
              .resize({ width: target, height: target, fit: 'inside', withoutEnlargement: true })
              .webp({ quality: 80 })
              .toBuffer({ resolveWithObject: true });
            return {
              width: info.width,
              height: info.height,
              contentType: 'image/webp' as const,
              content: data,
            };
          }),
        );
        return { width: shown.width, height: shown.height, thumbnails };
      };
      try {
        return await Promise.race([make(), failed]);
      } catch (cause) {
        if (sourceFault !== undefined) throw sourceFault;
        throw new InfratraqError(
          'attachment.image-unreadable',
          'The image is damaged or too large to be shown',
          {
            status: 422,
            cause,
          },
        );
      } finally {
        content.destroy();
        image.destroy();
      }
    },
  };
}
