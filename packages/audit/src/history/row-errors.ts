import { NotFoundError, type EntityReference } from '@infratraq/kernel';
import type { StoredChange } from './log-order.js';

/** The trail does not tell what a row was. */
export class RowUnknownError extends NotFoundError {
  /** What a problem document says besides. */
  readonly members: {
    readonly unknown_since: Date | null;
    readonly unknown_because: string;
    readonly known_again_at: Date | null;
    readonly remedy: string;
  };

  /**
   * `by` is the change from or until which nothing is known; undefined: no change tells of the row. `knownAgainAt` is
   * when its first change after that committed.
   */
  constructor(
    entity: EntityReference,
    at: Date,
    by: StoredChange | undefined,
    knownAgainAt: Date | undefined,
  ) {
    const because = by ? explainGap(by) : 'no change of it is known that tells of it';
    const begin = by && beginOf(by, at);
    const remedy = `infratraq capture snapshot ${quoteForShell(entity.entity_type)}`;
    const since = begin ? `since ${begin.toISOString()}` : 'since before the trail begins';
    const known = knownAgainAt
      ? `It is known again since ${knownAgainAt.toISOString()}`
      : `Its next change makes it known from then on, or now: ${remedy}`;
    super(
      `What ${nameOf(entity)} was at ${at.toISOString()} is not known, ${since}: ${because}. ${known}`,
      'audit.row-unknown',
    );
    this.members = {
      unknown_since: begin ?? null,
      unknown_because: because,
      known_again_at: knownAgainAt ?? null,
      remedy,
    };
  }
}

/** From when on nothing is known, where that is not before the trail begins. */
function beginOf({ changed_at, new_value }: StoredChange, at: Date): Date | undefined {
  const since = new_value?.['from_at'];
  const begin = since instanceof Date ? since : changed_at;
  return begin <= at ? begin : undefined;
}

/** Says why nothing is known from a change on. */
function explainGap({ operation, new_value }: StoredChange): string {
  if (operation === 'GAP') return String(new_value?.['reason'] ?? 'changes are missing');
  if (operation === 'ALTER') return 'the primary key became another one';
  if (operation === 'SNAPSHOT') return 'it was read for the first time then';
  if (operation === 'UPDATE' || operation === 'DELETE')
    return "the table's replica identity left its values out of the log";
  return `its table was ${operation === 'DROP' ? 'dropped' : 'emptied'} before any change told of the row`;
}

/** A row as messages name it. */
export function nameOf({ entity_type, entity_id }: EntityReference): string {
  return `${entity_type} ${entity_id}`;
}

function quoteForShell(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
