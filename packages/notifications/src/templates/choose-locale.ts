/** Fallback language. */
const lastLocale = 'en';

/** The best of `available` for a reader of `wanted`: for de-AT that, else de, else English, else the first. */
export function chooseLocale(wanted: string, available: readonly string[]): string | undefined {
  const byTag = new Map(available.map((tag) => [tag.toLowerCase(), tag]));
  const parts = wanted.toLowerCase().split('-');
  for (let length = parts.length; length > 0; length -= 1) {
    const found = byTag.get(parts.slice(0, length).join('-'));
    if (found !== undefined) return found;
  }
  return byTag.get(lastLocale) ?? available[0];
}
