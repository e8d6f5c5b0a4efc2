import type { EventRow } from '@infratraq/kernel';
import { readDocument, type RecordedEvent } from '../queue/recorded-event.js';
import { isolateFault, type Sink } from '../queue/sink.js';

/** What the writer needs of PostgreSQL; a `pg` pool is one. */
export interface PostgresPort {
  query(query: { text: string; values: unknown[]; query_timeout: number }): Promise<unknown>;
}

// Classes of SQLSTATE that speak of a row: data exceptions, violated constraints, failed checks of views.
const rowFaults = /^(22|23|44)/;

/** Makes the sink of a table: a batch is one statement per set of columns, and a row that is there already is left as it is. */
export function createRowSink(postgres: PostgresPort, table: string, idColumn: string): Sink {
  const write: Sink = async (events, maxSilenceMilliseconds) => {
    const again = (some: readonly RecordedEvent[]) => write(some, maxSilenceMilliseconds);
    const [first, ...others] = groupByColumns(events);
    if (!first) return { written: [], poisoned: [], again: [] };
    if (others.length > 0) {
      const outcomes = await Promise.all([first, ...others].map(again));
      return {
        written: outcomes.flatMap(({ written }) => written),
        poisoned: outcomes.flatMap(({ poisoned }) => poisoned),
        again: outcomes.flatMap(({ again }) => again),
        ...outcomes.find(({ fault }) => fault !== undefined),
      };
    }
    const rows = first.map(readRow);
    try {
      await postgres.query({
        text: insertStatement(table, idColumn, Object.keys(rows[0] ?? {})),
        values: [JSON.stringify(rows)],
        query_timeout: maxSilenceMilliseconds,
      });
      return { written: events, poisoned: [], again: [] };
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (typeof code === 'string' && rowFaults.test(code)) return isolateFault(events, error, again);
      return { written: [], poisoned: [], again: events, fault: error };
    }
  };
  return write;
}

/** Rows of the same columns together: a column that a row leaves out keeps its default. */
function groupByColumns(events: readonly RecordedEvent[]): RecordedEvent[][] {
  const groups = new Map<string, RecordedEvent[]>();
  for (const event of events) {
    const columns = JSON.stringify(Object.keys(readRow(event)).sort());
    const group = groups.get(columns);
    if (group) group.push(event);
    else groups.set(columns, [event]);
  }
  return [...groups.values()];
}

function readRow(event: RecordedEvent): EventRow {
  return readDocument(event);
}

function insertStatement(table: string, idColumn: string, columns: readonly string[]): string {
  const target = table.split('.').map(quoteName).join('.');
  const list = columns.map(quoteName).join(', ');
  return (
    `insert into ${target} (${list}) select ${list} from jsonb_populate_recordset(null::${target}, $1::jsonb) ` +
    `on conflict (${quoteName(idColumn)}) do nothing`
  );
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
