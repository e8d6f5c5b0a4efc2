/** Longest file name, in bytes of UTF-8: what file systems take. */
export const maximumFileNameBytes = 255;

// Control characters, and those that change the direction of text or show nothing: they make a name look like another.
const deceiving =
  /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
const reservedOnWindows = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/**
 * Makes a client's file name safe to keep, to show and to save under: its last part only, without characters that
 * deceive or that file systems refuse, and no longer than they take. What remains, which may be nothing, is the name
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
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    if (bytes > maximumFileNameBytes) break;
    kept += character;
  }
  return kept.trimEnd() + extension;
}
