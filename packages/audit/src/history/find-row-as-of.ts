import { NotFoundError, type EntityReference } from '@infratraq/kernel';
import type { Models, Stored } from '@infratraq/mongo';
import type { EntityChangelog } from '../collections/entity-changelog.js';
import {
  listChangesAfter,
  listChangesAtInstant,
  listChangesUntil,
  listGapsAfter,
} from '../collections/entity-changelog.queries.js';

/** A row as it was at a time, and the changes between which it was so. */
export interface RowAsOf extends EntityReference {
  readonly at: Date;
  readonly row: Record<string, unknown>;
  /** The change that made the row so; null when that happened before the trail begins. */
  readonly since: ChangeReference | null;
  /** The change whose new or old value is the row. */
  readonly told_by: string;
}

/** Which change, by whom and when. */
export interface ChangeReference {
  readonly change_id: string;
  readonly changed_at: Date;
  readonly changed_by: string;
}

type Change = Stored<EntityChangelog>;

/**
 * Finds a row as it was at a time.
 * @throws NotFoundError `audit.row-deleted`, `audit.row-not-yet-existing`, `audit.row-unknown`
 */
export async function findRowAsOf(models: Models, entity: EntityReference, at: Date): Promise<RowAsOf> {
  const [change, ofTable, gap] = await Promise.all([
    findLastChange(models, entity, at),
    findLastChange(models, wholeTable(entity), at),
    findLastChange(models, everything, at),
  ]);
  if (!change) return findRowFromNext(models, entity, at);
  const end = [ofTable, gap].reduce<Change>((last, one) => (one && isLater(one, last) ? one : last), change);
  if (end.operation === 'GAP') return findRowFromNext(models, entity, at, end);
  const missed = await models.findOne(listGapsAfter, { entity_type: '*', at });
  if (missed && isWithin(missed, at)) throw unknownRow(entity, at, missed);
  if (!end.new_value)
    throw new NotFoundError(
      `${nameOf(entity)} did not exist at ${at.toISOString()}: ${end.changed_by} deleted it at ${end.changed_at.toISOString()}`,
      'audit.row-deleted',
    );
  return { ...entity, at, row: end.new_value, since: referenceOf(end), told_by: end._id };
}

/** Where no change until then tells what the row was (capture began later, or there was a gap), the next one does. */
async function findRowFromNext(
  models: Models,
  entity: EntityReference,
  at: Date,
  gapBefore?: Change,
): Promise<RowAsOf> {
  const next = await models.findOne(listChangesAfter, { ...entity, at });
  const first =
    next &&
    (await models.findOne(listChangesAtInstant, { ...entity, at: next.changed_at, newest_first: false }));
  for (const entity_type of [entity.entity_type, '*']) {
    const gap = await models.findOne(listGapsAfter, { entity_type, at });
    if (first && gap && isLater(first, gap)) throw unknownRow(entity, at, gap);
  }
  if (gapBefore && (!first || first.operation === 'SNAPSHOT')) throw unknownRow(entity, at, gapBefore);
  if (!first || first.operation === 'SNAPSHOT')
    throw new NotFoundError(
      `No change of ${nameOf(entity)} is known that tells what it was at ${at.toISOString()}`,
      'audit.row-unknown',
    );
  if (!first.old_value)
    throw new NotFoundError(
      `${nameOf(entity)} did not exist yet at ${at.toISOString()}: ${first.changed_by} created it at ${first.changed_at.toISOString()}`,
      'audit.row-not-yet-existing',
    );
  return { ...entity, at, row: first.old_value, since: null, told_by: first._id };
}

async function findLastChange(models: Models, entity: EntityReference, at: Date): Promise<Change | null> {
  const last = await models.findOne(listChangesUntil, { ...entity, at });
  return last && models.findOne(listChangesAtInstant, { ...entity, at: last.changed_at, newest_first: true });
}

function isLater(one: Change, other: Change): boolean {
  const difference = one.changed_at.getTime() - other.changed_at.getTime();
  return difference > 0 || (difference === 0 && one._id > other._id);
}

/** Whether a GAP in the log, which is told once it is over, was there at the time. */
function isWithin({ new_value }: Change, at: Date): boolean {
  const since = new_value?.['from_at'];
  return since instanceof Date && since <= at;
}

function unknownRow(entity: EntityReference, at: Date, gap: Change): NotFoundError {
  const why = String(gap.new_value?.['reason'] ?? 'changes are missing');
  return new NotFoundError(
    `What ${nameOf(entity)} was at ${at.toISOString()} is not known: there is a gap at ${gap.changed_at.toISOString()} (${why})`,
    'audit.row-unknown',
  );
}

const everything: EntityReference = { entity_type: '*', entity_id: '*' };

function wholeTable({ entity_type }: EntityReference): EntityReference {
  return { entity_type, entity_id: '*' };
}

function referenceOf({ _id, changed_at, changed_by }: Change): ChangeReference {
  return { change_id: _id, changed_at, changed_by };
}

function nameOf({ entity_type, entity_id }: EntityReference): string {
  return `${entity_type} ${entity_id}`;
}
