import type { Models } from '@infratraq/mongo';
import { listTableEvents } from '../collections/entity-changelog.queries.js';
import { compareInLog, type StoredChange } from './log-order.js';
import { namesIn } from './walk-log.js';

/** A table under one of its names. */
export interface TableName {
  readonly entity_type: string;
  /** The RENAME with which it got the name; undefined if it had it all the time. */
  readonly since?: StoredChange | undefined;
  /** The RENAME with which it lost the name; undefined if it has it still. */
  readonly until?: StoredChange | undefined;
}

/** A table, followed back from a name. */
export interface TracedTable {
  /** Its names, the last one first. */
  readonly names: readonly [TableName, ...TableName[]];
  /** What else became of it meanwhile, in the log's order. */
  readonly events: readonly StoredChange[];
  /** Where the table did not exist all the time: what ended another one, or what it is called instead. */
  readonly endedBy?: StoredChange | undefined;
}

/** How far back, and what to look at. */
export interface TraceOptions {
  readonly since?: Date | undefined;
  /** Only changes that come after this one in the log. */
  readonly after?: string | undefined;
  /** Follows the table that had the name before this change. */
  readonly before?: string | undefined;
  /** The name that this change gave it. */
  readonly renamedTo?: string | undefined;
  /** Which changes of a whole table to look at. RENAME and DROP end what a name means; the others are collected. */
  readonly operations: readonly ('RENAME' | 'DROP' | 'ALTER' | 'GAP')[];
}

const mostNames = 1_000;
const mostAtOnce = 1_000;

/** Follows the table that has a name back over its former names. */
export async function traceTable(
  models: Models,
  entity_type: string,
  { since, after, before, renamedTo, operations }: TraceOptions,
): Promise<TracedTable> {
  const events: StoredChange[] = [];
  const names: [TableName, ...TableName[]] = [{ entity_type }];
  let formerName = renamedTo;
  let place = before;
  while (names.length < mostNames) {
    const name = names.at(-1) as TableName;
    const asked = { entity_type: name.entity_type, operations, since, after, before: place };
    const found = await models.find(listTableEvents, asked, { limit: mostAtOnce });
    let renamed: StoredChange | undefined;
    found.sort((one, other) => compareInLog(other, one));
    for (const change of found) {
      const { renamed_from, renamed_to } = namesIn(change);
      if (renamed_to !== undefined && renamed_to === formerName) formerName = undefined;
      else if (renamed_from !== undefined) {
        renamed = change;
        formerName = name.entity_type;
        break;
      } else if (renamed_to !== undefined || change.operation === 'DROP')
        return { names, events, endedBy: change };
      else events.unshift(change);
    }
    if (renamed === undefined) {
      if (found.length < mostAtOnce) break;
      place = found.at(-1)?._id;
      continue;
    }
    names[names.length - 1] = { ...name, since: renamed };
    place = renamed._id;
    names.push({ entity_type: namesIn(renamed).renamed_from as string, until: renamed });
  }
  return { names, events };
}
