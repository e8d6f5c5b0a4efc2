import { NotFoundError, type EntityReference } from '@infratraq/kernel';
import type { Models, Stored } from '@infratraq/mongo';
import type { EntityChangelog } from './entity-changelog.js';
import { listChangesAfter, listChangesAtInstant, listChangesUntil } from './entity-changelog.queries.js';

/** A row as it was at a time, and the changes between which it was so. */
export interface RowAsOf extends EntityReference {
  readonly at: Date;
  readonly row: Record<string, unknown>;
  /** The change that made the row so; null when that happened before the trail begins. */
  readonly since: ChangeReference | null;
  /** The change that tells what the row was: by what it made of it, or else by what it replaced. */
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
  const [change, truncation, gap] = await Promise.all([
    findLastChange(models, entity, at),
    findLastChange(models, { entity_type: entity.entity_type, entity_id: '*' }, at),
    findLastChange(models, { entity_type: '*', entity_id: '*' }, at),
  ]);
  if (!change) return findRowBeforeTrail(models, entity, at);
  const end = truncation && isLater(truncation, change) ? truncation : change;
  if (gap && isLater(gap, end))
    throw new NotFoundError(
      `Of ${nameOf(entity)} nothing is known at ${at.toISOString()}: changes before ${gap.changed_at.toISOString()} are missing`,
      'audit.row-unknown',
    );
  if (!end.new_value)
    throw new NotFoundError(
      `${nameOf(entity)} did not exist at ${at.toISOString()}: ${end.changed_by} deleted it at ${end.changed_at.toISOString()}`,
      'audit.row-deleted',
    );
  return { ...entity, at, row: end.new_value, since: referenceOf(end), told_by: end._id };
}

// Capture may have begun when the row was already there: its first change then tells what it was.
async function findRowBeforeTrail(models: Models, entity: EntityReference, at: Date): Promise<RowAsOf> {
  const next = await models.findOne(listChangesAfter, { ...entity, at });
  const first =
    next &&
    (await models.findOne(listChangesAtInstant, { ...entity, at: next.changed_at, newest_first: false }));
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

function referenceOf({ _id, changed_at, changed_by }: Change): ChangeReference {
  return { change_id: _id, changed_at, changed_by };
}

function nameOf({ entity_type, entity_id }: EntityReference): string {
  return `${entity_type} ${entity_id}`;
}
