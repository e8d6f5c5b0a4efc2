import { alterRow, readAlteration, unalterRow, type Alteration } from './alteration.js';
import { fillFrom, mayBe, rowAfter, rowBefore, type KnownRow } from './known-row.js';
import { isOfWholeTable, type StoredChange } from './log-order.js';

/** What became of the row that was there before some changes. */
export type RowBefore =
  | { readonly kind: 'kept'; readonly alterations: readonly Alteration[] }
  /** Updated or deleted. */
  | { readonly kind: 'replaced'; readonly by: StoredChange }
  /** Ended with all rows of its table. */
  | { readonly kind: 'ended'; readonly by: StoredChange }
  /** Nothing is known of it any more. */
  | { readonly kind: 'unknown'; readonly by: StoredChange };

/**
 * What changes, in their order, do to one row: the rows of its key after them, and what became of the row before.
 *
 * There is at most one row of a key once a transaction has committed. Within it there may be more, where the key's
 * constraint is deferred, so rows are told apart by their values.
 */
export interface RowEffect {
  readonly rows: readonly KnownRow[];
  readonly before: RowBefore;
  /** The row before, as the change that replaced it tells it; undefined where none does. */
  readonly told?: KnownRow | undefined;
}

/** The effect of no change. */
export const noEffect: RowEffect = { rows: [], before: { kind: 'kept', alterations: [] } };

/** The effect of one more change. */
export function applyChange(effect: RowEffect, change: StoredChange): RowEffect {
  if (isOfWholeTable(change)) return applyToTable(effect, change);
  switch (change.operation) {
    case 'INSERT':
      return { ...effect, rows: [...effect.rows, rowAfter(change)] };
    case 'SNAPSHOT':
      return { ...effect, rows: [rowAfter(change)], before: { kind: 'replaced', by: change } };
    default:
      return replaceRow(effect, change);
  }
}

function applyToTable({ rows, before, ...rest }: RowEffect, change: StoredChange): RowEffect {
  if (change.operation === 'GAP') return { ...rest, rows: [], before: { kind: 'unknown', by: change } };
  if (change.operation !== 'ALTER') return { ...rest, rows: [], before: { kind: 'ended', by: change } };
  const alteration = readAlteration(change);
  // The ids of rows are those of the new key from here on.
  if (alteration.key) return { ...rest, rows: [], before: { kind: 'unknown', by: change } };
  return {
    ...rest,
    rows: rows.map((row) => alterRow(row, alteration)),
    before: before.kind === 'kept' ? { ...before, alterations: [...before.alterations, alteration] } : before,
  };
}

function replaceRow({ rows, before, ...rest }: RowEffect, change: StoredChange): RowEffect {
  const place = findReplaced(rows, before, change);
  const after = change.new_value ? [rowAfter(change)] : [];
  if (place >= 0) {
    const filled = after.map((row) => fillFrom(row, rows[place]));
    return {
      ...rest,
      rows: [...rows.slice(0, place), ...filled, ...rows.slice(place + 1)],
      before: before.kind === 'kept' ? before : { kind: 'replaced', by: change },
    };
  }
  const replaced = { rows: [...rows, ...after], before: { kind: 'replaced' as const, by: change } };
  if (before.kind !== 'kept')
    return { ...rest, ...replaced, rows: [...rows, ...after.map((row) => fillFrom(row, undefined))] };
  const known = rowBefore(change);
  const told = [...before.alterations]
    .reverse()
    .reduce<KnownRow | undefined>((row, alteration) => row && unalterRow(row, alteration), known);
  const pending = after.map((row) => pendBack(row, before.alterations));
  return { ...replaced, rows: [...rows, ...pending], told };
}

/** The place of the row that a change replaces; -1 for the one that was there before. */
function findReplaced(rows: readonly KnownRow[], before: RowBefore, { old_value }: StoredChange): number {
  if (rows.length === 0) return -1;
  const place = rows.findLastIndex((row) => !old_value || mayBe(row, old_value));
  return place >= 0 || before.kind === 'kept' ? place : rows.length - 1;
}

/** Names what is pending as it was called before the alterations. */
function pendBack(row: KnownRow, alterations: readonly Alteration[]): KnownRow {
  if (row.pending.size === 0 || alterations.length === 0) return row;
  const [pending, unknown] = [new Map<string, string>(), new Set(row.unknown)];
  for (const [field, source] of row.pending) {
    const named = [...alterations].reverse().reduce<string | undefined>((name, { columns }) => {
      const column = columns.find((one) => one.name === name);
      return !column || column.added || column.unknown ? undefined : (column.was ?? name);
    }, source);
    if (named === undefined) unknown.add(field);
    else pending.set(field, named);
  }
  return { ...row, pending, unknown };
}

/** The effect of one change after another, from the effects of both. */
export function followBy(earlier: RowEffect, later: RowEffect): RowEffect {
  const { alterations } = later.before.kind === 'kept' ? later.before : { alterations: [] };
  const rowOfEarlier = earlier.rows.at(-1);
  const source =
    rowOfEarlier ??
    (earlier.before.kind === 'kept' ? placeholder(later, earlier.before.alterations) : undefined);
  const rows = later.rows.map((row) => (row.moved === undefined ? fillFrom(row, source) : row));
  if (later.before.kind !== 'kept')
    return { ...earlier, rows, before: later.before, told: earlier.told ?? tellBack(earlier, later) };
  const kept = earlier.rows.map((row) =>
    alterations.reduce<KnownRow>((altered, alteration) => alterRow(altered, alteration), row),
  );
  return {
    ...earlier,
    rows: [...kept, ...rows],
    before:
      earlier.before.kind === 'kept'
        ? { kind: 'kept', alterations: [...earlier.before.alterations, ...alterations] }
        : earlier.before,
  };
}

/** What the later changes tell of the row before the earlier ones, which left it as it was or altered its columns. */
function tellBack(earlier: RowEffect, { told }: RowEffect): KnownRow | undefined {
  if (told === undefined || earlier.rows.length > 0 || earlier.before.kind !== 'kept') return undefined;
  return [...earlier.before.alterations]
    .reverse()
    .reduce<KnownRow | undefined>((row, alteration) => row && unalterRow(row, alteration), told);
}

/** Stands for the row before the earlier changes: everything is pending that is pending of it. */
function placeholder(later: RowEffect, alterations: readonly Alteration[]): KnownRow {
  const sources = new Set(later.rows.flatMap(({ pending }) => [...pending.values()]));
  const change = later.rows[0]?.change as StoredChange;
  const all = new Map([...sources].map((source) => [source, source]));
  const row = { row: {}, unknown: new Set<string>(), omitted: new Set<string>(), pending: all, change };
  return pendBack(row, alterations);
}
