const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const space = 0x20;

/** The names of all members of a JSON text, in their order. Linear, and without a stack: a text may be very long. */
export function listNamesInText(text: string): string[] {
  const names: string[] = [];
  for (let place = text.indexOf('"'); place !== -1; place = text.indexOf('"', place)) {
    const start = place;
    place = findEndOfString(text, start + 1) + 1;
    let next = place;
    while (text.charCodeAt(next) <= space) next += 1;
    if (text.charCodeAt(next) === colon) names.push(readName(text.slice(start, place)));
  }
  return names;
}

/** The names of all members of a value that was parsed from JSON, in the order that an object has them. */
export function listNamesInValue(value: unknown, names: string[] = []): string[] {
  if (Array.isArray(value)) for (const item of value) listNamesInValue(item, names);
  else if (typeof value === 'object' && value !== null)
    for (const [name, item] of Object.entries(value)) {
      names.push(name);
      listNamesInValue(item, names);
    }
  return names;
}

function readName(quoted: string): string {
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}

/** Where the quote is that ends the string; its content begins at `place`. */
function findEndOfString(text: string, place: number): number {
  for (let at = place; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) return at;
    if (code === backslash) at += 1;
  }
  return text.length;
}
