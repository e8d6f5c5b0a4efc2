import type { ChangeSource } from './change-source.js';
import type { StoredChange } from './log-order.js';
import { namesIn } from './walk-log.js';

/** A stretch of the log in which only some changes of a table's rows are told, as a publication may have it. */
export interface LastingGap {
  readonly begin: StoredChange;
  /** When all changes are told again. */
  readonly endsAt?: Date;
}

/** Finds the stretch in which a table's rows are at a time. */
export async function findLastingGap(
  source: ChangeSource,
  entity_type: string,
  at: Date,
): Promise<LastingGap | undefined> {
  const begin = await findBegin(source, entity_type, at);
  if (!begin) return undefined;
  const later = await source.listTableChanges(begin.entity_type, { at });
  const end = later.find(({ operation }) => operation === 'GAP' || operation === 'DROP');
  return { begin, ...(end && { endsAt: end.changed_at }) };
}

async function findBegin(
  source: ChangeSource,
  entity_type: string,
  at: Date,
  { before, laterName }: { before?: string; laterName?: string } = {},
): Promise<StoredChange | undefined> {
  const changes = await source.listTableChangesBack(entity_type, { at, before });
  for (const change of changes) {
    if (change.operation === 'GAP') return change.new_value?.['lasting'] === true ? change : undefined;
    if (change.operation === 'DROP') return undefined;
    const { renamed_from, renamed_to } = namesIn(change);
    // One half of a renaming is told under the later name.
    if (renamed_to !== undefined && renamed_to !== laterName) return undefined;
    if (renamed_from !== undefined)
      return findBegin(source, renamed_from, at, { before: change._id, laterName: entity_type });
  }
  const last = changes.at(-1);
  return last && findBegin(source, entity_type, at, { before: last._id });
}
