import type { Models } from '@infratraq/mongo';

type Cursors = ReturnType<Models['cursorsOf']>;

/**
 * The key after which a page of a list begins, which is in the order of a unique key.
 * @throws InvalidInputError `cursor.invalid`
 */
export function readCursor(cursors: Cursors, cursor: string | undefined): string | undefined {
  return cursor === undefined ? undefined : (cursors.read(cursor).values[0] as string);
}

/** Cuts a page of one list, which was read one item further than the page is long. */
export function cutPage<Item>(
  cursors: Cursors,
  items: readonly Item[],
  { limit, keyOf }: { limit: number; keyOf: (item: Item) => string },
): { items: Item[]; next_cursor: string | null } {
  const page = items.slice(0, limit);
  const last = page.at(-1);
  const isLast = items.length <= limit || last === undefined;
  return { items: page, next_cursor: isLast ? null : cursors.write({ values: [keyOf(last)] }) };
}
