/** Longest file name, in bytes of UTF-8: what file systems take. */
export const maximumFileNameBytes = 255;

// Control characters, and those that change the direction of text or show nothing: they make a name look like another.
const deceiving =
  /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
const emojiJoin =
  /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})/u;
// Scripts that are spelled with joiners: a Persian plural, an Indic conjunct.
const joining =
  '\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Mongolian}\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gurmukhi}' +
  '\\p{Script=Gujarati}\\p{Script=Oriya}\\p{Script=Tamil}\\p{Script=Telugu}\\p{Script=Kannada}\\p{Script=Malayalam}' +
  '\\p{Script=Sinhala}\\p{Script=Khmer}\\p{Script=Myanmar}\\p{Script=Tibetan}';
const letterJoin = new RegExp(`(?<=[${joining}])[\\u200c\\u200d](?=[${joining}])`, 'u');
const uselessJoiner = new RegExp(`(?!${emojiJoin.source}|${letterJoin.source})[\\u200c\\u200d]`, 'gu');
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const reservedOnWindows = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/**
 * Makes a client's file name safe to keep, to show and to save under: its last part only, without characters that
 * deceive or that file systems refuse, and no longer than they take. Joiners stay where they spell an emoji or a letter. What remains, which may be nothing, is the name
 * that people see.
 */
export function tidyFileName(given: string): string {
  const last =
    given
      // From its end: a name is the last part of a path, and ends in its extension.
      .slice(-10_000)
      .replace(/\p{Surrogate}/gu, '\ufffd')
      .normalize('NFC')
      .split(/[/\\]/)
      .at(-1) ?? '';
  const plain = last
    .replace(deceiving, '')
    .replace(uselessJoiner, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/\s+/gu, ' ')
    .replace(/^[. ]+|[. ]+$/g, '');
  return shorten(reservedOnWindows.test(plain) ? `_${plain}` : plain);
}

/** Cuts the middle out of a long name, so that its extension stays. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= maximumFileNameBytes) return name;
  const extension = /\.[A-Za-z0-9]{1,16}$/.exec(name)?.[0] ?? '';
  let kept = '';
  let bytes = extension.length;
  for (const { segment } of segmenter.segment(name)) {
    bytes += Buffer.byteLength(segment);
    if (bytes > maximumFileNameBytes) break;
    kept += segment;
  }
  return kept.trimEnd() + extension;
}
