import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

const mebibyte = 1024 * 1024;

/** A zip with one entry. */
export function zipOf(name: string, content: Buffer, saidBytes = content.length): Buffer {
  const packed = deflateRawSync(content, { level: 9 });
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50);
  local.writeUInt16LE(20, 4);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(crc32(content), 14);
  local.writeUInt32LE(packed.length, 18);
  local.writeUInt32LE(saidBytes, 22);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50);
  local.copy(central, 6, 4, 30);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length + name.length, 12);
  end.writeUInt32LE(local.length + name.length + packed.length, 16);
  return Buffer.concat([local, Buffer.from(name), packed, central, Buffer.from(name), end]);
}

/** A zip of zips, each of which holds the next. */
function nestZips(depth: number): Buffer {
  let content = zipOf('0.txt', Buffer.alloc(20 * mebibyte));
  for (let level = 1; level <= depth; level += 1) content = zipOf(`${level}.zip`, content);
  return content;
}

interface Png {
  readonly width: number;
  readonly height: number;
  readonly bits?: 8 | 16;
  readonly channels?: 1 | 3 | 4;
  readonly interlaced?: boolean;
  /** Other chunks before the content. */
  readonly chunks?: readonly Buffer[];
}

/** A PNG of one colour, however large: its content is all zeros. */
function png({ width, height, bits = 8, channels = 1, interlaced = false, chunks = [] }: Png): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header[8] = bits;
  header[9] = { 1: 0, 3: 2, 4: 6 }[channels];
  header[12] = interlaced ? 1 : 0;
  const content = Buffer.alloc(rowBytes({ width, height, bits, channels, interlaced }));
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    ...chunks,
    chunk('IDAT', deflateSync(content, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Bytes of all rows with their filter bytes; an interlaced image has seven passes of them. */
function rowBytes({ width, height, bits, channels, interlaced }: Required<Omit<Png, 'chunks'>>): number {
  const whole = [[0, 0, 1, 1]];
  const passes = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ];
  return (interlaced ? passes : whole)
    .map(([x = 0, y = 0, dx = 1, dy = 1]) => [Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)])
    .reduce((sum, [w = 0, h = 0]) => sum + h * (1 + Math.ceil((w * bits * channels) / 8)), 0);
}

function chunk(type: string, content: Buffer): Buffer {
  const framed = Buffer.concat([Buffer.alloc(4), Buffer.from(type), content, Buffer.alloc(4)]);
  framed.writeUInt32BE(content.length);
  framed.writeUInt32BE(crc32(framed.subarray(4, -4)), framed.length - 4);
  return framed;
}

/** A GIF of so many frames of one pixel on a canvas of any size. */
function gif(frames: number, width: number, height: number): Buffer {
  const header = Buffer.from('GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
  header.writeUInt16LE(width, 6);
  header.writeUInt16LE(height, 8);
  const frame = Buffer.from('21f90400010000002c00000000010001000002024401' + '00', 'hex');
  return Buffer.concat([header, ...Array.from({ length: frames }, () => frame), Buffer.from(';')]);
}

type Entry = readonly [tag: number, type: 3 | 4, count: number, value: number];

/** A TIFF with one directory. */
function tiff(entries: readonly Entry[], next = 0): Buffer {
  const made = Buffer.alloc(8 + 2 + entries.length * 12 + 4 + 64);
  made.write('II*\0', 'latin1');
  made.writeUInt32LE(8, 4);
  made.writeUInt16LE(entries.length, 8);
  for (const [place, [tag, type, count, value]] of entries.entries()) {
    const at = 10 + place * 12;
    made.writeUInt16LE(tag, at);
    made.writeUInt16LE(type, at + 2);
    made.writeUInt32LE(count, at + 4);
    made.writeUInt32LE(value, at + 8);
  }
  made.writeUInt32LE(next, 10 + entries.length * 12);
  return made;
}

const tiffOf = (width: number, height: number, rows = height): Entry[] => [
  [256, 4, 1, width],
  [257, 4, 1, height],
  [258, 3, 1, 8],
  [259, 3, 1, 1],
  [262, 3, 1, 1],
  [273, 4, 1, 100],
  [277, 3, 1, 1],
  [278, 4, 1, rows],
  [279, 4, 1, 0x7fffffff],
];

/** A WebP that says how large it is and has next to no content. */
function webp(width: number, height: number): Buffer {
  const content = Buffer.alloc(32);
  content[0] = 0x2f;
  content.writeUInt32LE((width - 1) | ((height - 1) << 14), 1);
  const head = Buffer.from('RIFF\0\0\0\0WEBPVP8L\0\0\0\0', 'latin1');
  head.writeUInt32LE(content.length + 12, 4);
  head.writeUInt32LE(content.length, 16);
  return Buffer.concat([head, content]);
}

/** A file with the size of its image written over, where `find` finds it. */
function lie(content: Buffer, find: Buffer, at: number, size: Buffer): Buffer {
  const made = Buffer.from(content);
  size.copy(made, made.indexOf(find) + at);
  return made;
}

/** A progressive JPEG whose last scan comes again and again. */
function repeatScan(content: Buffer, times: number): Buffer {
  const scan = content.lastIndexOf(Buffer.from([0xff, 0xda]));
  const again = content.subarray(scan, content.length - 2);
  const end = content.subarray(-2);
  return Buffer.concat([content.subarray(0, -2), ...Array.from({ length: times }, () => again), end]);
}

const size = (width: number, height: number, bytes: 2 | 4): Buffer => {
  const made = Buffer.alloc(bytes * 2);
  made.writeUIntBE(width, 0, bytes);
  made.writeUIntBE(height, bytes, bytes);
  return made;
};

/** Images that their library makes. */
export interface HonestImages {
  readonly jpeg: Buffer;
  readonly progressive: Buffer;
  readonly avif: Buffer;
}

/** Files that people may upload, made from some honest images. */
export const hostileFiles = ({
  jpeg,
  progressive,
  avif,
}: HonestImages): readonly (readonly [name: string, make: () => Buffer])[] => [
  [
    'interlaced-100-megapixels.png',
    () => png({ width: 10_000, height: 10_000, channels: 4, interlaced: true }),
  ],
  [
    'interlaced-25-megapixels-of-8-bytes.png',
    () => png({ width: 5_000, height: 5_000, bits: 16, channels: 4, interlaced: true }),
  ],
  ['100-megapixels.png', () => png({ width: 10_000, height: 10_000 })],
  ['256-megapixels.png', () => png({ width: 16_000, height: 16_000 })],
  ['one-row.png', () => png({ width: 50_000_000, height: 1 })],
  ['one-column.png', () => png({ width: 1, height: 50_000_000 })],
  [
    'text-bomb.png',
    () =>
      png({
        width: 8,
        height: 8,
        chunks: Array.from({ length: 500 }, () =>
          chunk('zTXt', Buffer.concat([Buffer.from('a\0\0'), deflateSync(Buffer.alloc(mebibyte))])),
        ),
      }),
  ],
  [
    'profile-bomb.png',
    () =>
      png({
        width: 8,
        height: 8,
        chunks: [
          chunk('iCCP', Buffer.concat([Buffer.from('a\0\0'), deflateSync(Buffer.alloc(100 * mebibyte))])),
        ],
      }),
  ],
  ['truncated.png', () => png({ width: 9_000, height: 9_000 }).subarray(0, 2_000)],
  ['10000-frames.gif', () => gif(10_000, 100, 100)],
  ['10000-frames-on-a-large-canvas.gif', () => gif(10_000, 10_000, 10_000)],
  ['largest-canvas.gif', () => gif(1, 65_535, 65_535)],
  ['endless-rows.tiff', () => tiff(tiffOf(0x7fffffff, 0x7fffffff))],
  ['lying-rows.tiff', () => tiff(tiffOf(10_000, 10_000, 1))],
  ['circular.tiff', () => tiff(tiffOf(10, 10), 8)],
  ['lying.webp', () => webp(16_383, 16_383)],
  ['lying.jpg', () => lie(jpeg, Buffer.from([0xff, 0xc0]), 5, size(65_500, 65_500, 2))],
  ['lying-within-limits.jpg', () => lie(jpeg, Buffer.from([0xff, 0xc0]), 5, size(9_900, 9_900, 2))],
  ['lying-progressive.jpg', () => lie(progressive, Buffer.from([0xff, 0xc2]), 5, size(9_900, 9_900, 2))],
  ['5000-scans.jpg', () => repeatScan(progressive, 5_000)],
  ['lying.avif', () => lie(avif, Buffer.from('ispe'), 8, size(60_000, 60_000, 4))],
  ['truncated.avif', () => avif.subarray(0, avif.length - 100)],
  [
    'entities.svg',
    () =>
      Buffer.from(
        `<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "${'x'.repeat(1_000)}">${Array.from({ length: 20 }, (_, level) => `<!ENTITY a${level} "${'&a;'.repeat(10)}">`).join('')}]><svg xmlns="http://www.w3.org/2000/svg"><text>${'&a19;'.repeat(100)}</text></svg>`,
      ),
  ],
  [
    'uses.svg',
    () =>
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg"><g id="a0"/>${Array.from({ length: 30 }, (_, level) => `<g id="a${level + 1}">${`<use href="#a${level}"/>`.repeat(10)}</g>`).join('')}</svg>`,
      ),
  ],
  ['bomb.zip', () => zipOf('a.txt', Buffer.alloc(100 * mebibyte))],
  ['nested.zip', () => nestZips(50)],
  ['lying.zip', () => zipOf('a.txt', Buffer.alloc(mebibyte), 0xffffffff)],
  ['document-bomb.docx', () => zipOf('[Content_Types].xml', Buffer.alloc(50 * mebibyte))],
  [
    '50000-entries.zip',
    () => Buffer.concat(Array.from({ length: 50_000 }, () => zipOf('a', Buffer.alloc(0)))),
  ],
  ['bomb.tar.gz', () => gzipSync(Buffer.alloc(100 * mebibyte))],
  ['bomb.gz.gz', () => gzipSync(gzipSync(Buffer.alloc(200 * mebibyte)))],
  [
    'bomb.pdf',
    () =>
      Buffer.concat([
        Buffer.from('%PDF-1.7\n1 0 obj<</Filter[/FlateDecode/FlateDecode]/Length 9>>stream\n'),
        deflateSync(deflateSync(Buffer.alloc(100 * mebibyte))),
      ]),
  ],
  ['not-a-picture.png', () => Buffer.from(`<script>${'x'.repeat(mebibyte)}</script>`)],
];
