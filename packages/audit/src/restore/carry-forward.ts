import { readAlteration } from '../history/alteration.js';
import type { StoredChange } from '../history/log-order.js';

interface RowThen {
  readonly row: Readonly<Record<string, unknown>>;
  readonly unknown: readonly string[];
}

interface RowNow extends RowThen {
  /** Columns that are gone, by their last names. */
  readonly dropped: readonly string[];
}

/**
 * Names a row's columns as its table names them after some ALTERs, and leaves out what was dropped. Values whose type
 * was altered count as unknown: they would mean something else now.
 */
export function carryForward({ row, unknown }: RowThen, events: readonly StoredChange[]): RowNow {
  const dropped: string[] = [];
  const lost = new Set<string>();
  // What each column of then is called now.
  let names = new Map([...Object.keys(row), ...unknown].map((name) => [name, name]));
  for (const event of events) {
    if (event.operation === 'GAP') {
      const { columns } = (event.new_value ?? {}) as { columns?: unknown };
      for (const [then, now] of names) if (Array.isArray(columns) && columns.includes(now)) lost.add(then);
      continue;
    }
    const { columns } = readAlteration(event);
    const renamed = new Map(
      columns.filter(({ added }) => !added).map(({ name, was = name }) => [was, name] as const),
    );
    const next = new Map<string, string>();
    for (const [then, now] of names) {
      const name = renamed.get(now);
      if (name === undefined) dropped.push(now);
      else next.set(then, name);
    }
    names = next;
  }
  return {
    row: Object.fromEntries(
      [...names].flatMap(([then, now]) => (Object.hasOwn(row, then) ? [[now, row[then]]] : [])),
    ),
    unknown: [...names].flatMap(([then, now]) => (unknown.includes(then) || lost.has(then) ? [now] : [])),
    dropped,
  };
}
