import { InvalidInputError } from '@infratraq/kernel';

/** @throws InvalidInputError `cursor.invalid` */
export function readCursor(list: string, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const [name, key] = parse(Buffer.from(cursor, 'base64url').toString());
  if (name === list && typeof key === 'string' && !key.includes('\0')) return key;
  throw new InvalidInputError('The cursor is damaged or belongs to another list; start again without one', {
    code: 'cursor.invalid',
  });
}

function parse(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** Cuts a page of one list, which was read one item further than the page is long. */
export function cutPage<Item>(
  list: string,
  items: readonly Item[],
  { limit, keyOf }: { limit: number; keyOf: (item: Item) => string },
): { items: Item[]; next_cursor: string | null } {
  const page = items.slice(0, limit);
  const last = page.at(-1);
  const isLast = items.length <= limit || last === undefined;
  return { items: page, next_cursor: isLast ? null : writeCursor(list, keyOf(last)) };
}

/** Opaque cursor of a list that is in the order of a unique key: names the list, and the last key of a page. */
function writeCursor(list: string, key: string): string {
  return Buffer.from(JSON.stringify([list, key])).toString('base64url');
}
