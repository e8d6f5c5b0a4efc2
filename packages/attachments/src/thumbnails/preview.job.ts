import { InfratraqError } from '@infratraq/kernel';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';

/** An image's size as it is shown, and the sizes of its thumbnails; their contents stand beside it. */
export interface PreviewValue {
  readonly width: number;
  readonly height: number;
  readonly thumbnails: readonly { readonly width: number; readonly height: number }[];
}

const widths = [320, 1280] as const;
/** A small file can unpack to an image of any size. */
const mostPixels = 100_000_000;

// A child reads one image at a time, each only once.
sharp.concurrency(1);
sharp.cache(false);

/** Makes the thumbnails of an image, the smallest first, without any of its own metadata. */
export default async function preview(input: Readable): Promise<{ value: PreviewValue; contents: Buffer[] }> {
  try {
    return await makeThumbnails(await buffer(input));
  } catch (cause) {
    throw explain(cause);
  }
}

async function makeThumbnails(content: Buffer): Promise<{ value: PreviewValue; contents: Buffer[] }> {
  const image = sharp(content, { limitInputPixels: mostPixels, failOn: 'error', sequentialRead: true });
  const { width, height, autoOrient } = await image.metadata();
  // The image is unpacked once: the smaller thumbnail is made of the larger one.
  const largest = await image
    .autoOrient()
    .resize({ width: widths[1], height: widths[1], fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width: rawWidth, height: rawHeight, channels } = largest.info;
  const raw = { width: rawWidth, height: rawHeight, channels };
  const made = [];
  for (const target of widths)
    made.push(
      await sharp(largest.data, { raw })
        .resize({ width: target, height: target, fit: 'inside', withoutEnlargement: true })
        .webp({ quality: 80 })
        .toBuffer({ resolveWithObject: true }),
    );
  const shown = autoOrient ?? { width, height };
  return {
    value: {
      width: shown.width,
      height: shown.height,
      thumbnails: made.map(({ info }) => ({ width: info.width, height: info.height })),
    },
    contents: made.map(({ data }) => data),
  };
}

function explain(cause: unknown): InfratraqError {
  const isTooLarge = cause instanceof Error && /pixel limit/i.test(cause.message);
  return new InfratraqError(
    isTooLarge ? 'attachment.image-too-large' : 'attachment.image-unreadable',
    isTooLarge ? `The image has more than ${mostPixels} pixels` : 'The image is damaged',
    { status: 422, cause },
  );
}
