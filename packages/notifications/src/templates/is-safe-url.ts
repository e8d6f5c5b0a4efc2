const longest = 2_000;
const refused = /^(javascript|vbscript|data|blob|file|about|view-source|filesystem):$/;

/** Whether a click may lead to an address: one that runs no code, is whole, and is an address at all. */
export function isSafeUrl(url: string): boolean {
  if (url.length > longest) return false;
  try {
    // As browsers read it: they leave out tabs and line breaks.
    return !refused.test(new URL(url, 'https://relative.invalid').protocol);
  } catch {
    return false;
  }
}
