import { NotFoundError, type EntityReference } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import { listChangesAfter, listTableNamingsAfter } from '../collections/entity-changelog.queries.js';
import { ChangeSource } from './change-source.js';
import type { KnownRow } from './known-row.js';
import { findLastingGap } from './lasting-gap.js';
import { compareInLog, type StoredChange } from './log-order.js';
import { nameOf, RowUnknownError } from './row-errors.js';
import { traceTable } from './trace-table.js';
import { namesIn, walkBack, walkForward } from './walk-log.js';

/** A row as it was at a time, and the changes between which it was so. */
export interface RowAsOf extends EntityReference {
  readonly at: Date;
  readonly row: Record<string, unknown>;
  /** What the table was called at the time, where it got the name that was asked for later. */
  readonly known_as?: string;
  /** Columns that the row had, and whose values the trail does not hold. */
  readonly unknown_fields?: string[];
  /** Columns whose values were too large for the trail, which holds their sizes and digests instead. */
  readonly omitted_fields?: string[];
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

/**
 * Finds the row that a table of that name had at a time. Where no table had the name then, it is that of the table
 * that got the name next, under what it was called then.
 * @throws NotFoundError `audit.row-deleted`, `audit.row-not-yet-existing`, `audit.table-renamed`
 * @throws RowUnknownError `audit.row-unknown`
 */
export async function findRowAsOf(models: Models, entity: EntityReference, at: Date): Promise<RowAsOf> {
  const source = new ChangeSource(models);
  const { rows, before } = await walkBack(source, entity, { at });
  const lost = (await source.listLostStretches()).find((stretch) => isWithin(stretch, at));
  if (lost) throw await unknownRow(models, entity, at, lost, lost.changed_at);
  const gap = await findLastingGap(source, entity.entity_type, at);
  if (gap) throw await unknownRow(models, entity, at, gap.begin, gap.endsAt);
  const row = rows.at(-1);
  if (row) return describe(entity, at, row, { change: row.change });
  if (before.kind === 'replaced') throw deletedRow(entity, at, before.by);
  const renamedAway = before.kind === 'ended' && ['DROP', 'RENAME'].includes(before.by.operation);
  if (before.kind === 'kept' || renamedAway) {
    const former = await findFormerName(models, entity.entity_type, at);
    if (former?.endedBy) throw notYetExisting(entity, at, former.endedBy);
    if (former?.name !== undefined)
      return {
        ...(await findRowAsOf(models, { ...entity, entity_type: former.name }, at)),
        ...entity,
        known_as: former.name,
      };
  }
  if (before.kind === 'ended') throw endedRow(entity, at, before.by);
  return findRowFromNext(models, source, entity, at, before.kind === 'unknown' ? before.by : undefined);
}

/** Where no change until then tells what the row was (capture began later, or there was a gap), the next one does. */
async function findRowFromNext(
  models: Models,
  source: ChangeSource,
  entity: EntityReference,
  at: Date,
  gap: StoredChange | undefined,
): Promise<RowAsOf> {
  const told = await walkForward(source, entity, { at, after: gap?._id });
  if (told.madeBy) throw notYetExisting(entity, at, told.madeBy);
  if (told.row) return describe(entity, at, told.row, { change: null });
  throw await unknownRow(models, entity, at, gap ?? told.endedBy, at);
}

async function unknownRow(
  models: Models,
  entity: EntityReference,
  at: Date,
  by: StoredChange | undefined,
  after: Date | undefined,
): Promise<RowUnknownError> {
  const next = after && (await models.findOne(listChangesAfter, { ...entity, at: after }));
  return new RowUnknownError(entity, at, by, next?.changed_at);
}

function deletedRow(entity: EntityReference, at: Date, by: StoredChange): NotFoundError {
  const moved = by.moved_to === undefined ? '' : `; its key has been ${by.moved_to} since`;
  return new NotFoundError(
    `${nameOf(entity)} did not exist at ${at.toISOString()}: ${by.changed_by} ${by.moved_to === undefined ? 'deleted it' : 'changed its key'} at ${by.changed_at.toISOString()}${moved}`,
    'audit.row-deleted',
  );
}

function endedRow(entity: EntityReference, at: Date, by: StoredChange): NotFoundError {
  const { renamed_to } = namesIn(by);
  if (renamed_to === undefined) return deletedRow(entity, at, by);
  return new NotFoundError(
    `No table was called ${entity.entity_type} at ${at.toISOString()}: it has been called ${renamed_to} since ${by.changed_at.toISOString()}`,
    'audit.table-renamed',
  );
}

function notYetExisting(entity: EntityReference, at: Date, by: StoredChange): NotFoundError {
  const why =
    by.operation === 'INSERT'
      ? `${by.changed_by} created it at ${by.changed_at.toISOString()}`
      : `its table was made after ${by.changed_at.toISOString()}`;
  return new NotFoundError(
    `${nameOf(entity)} did not exist yet at ${at.toISOString()}: ${why}`,
    'audit.row-not-yet-existing',
  );
}

/** Whether a GAP in the log, which is told once it is over, was there at the time. */
function isWithin({ new_value, changed_at }: StoredChange, at: Date): boolean {
  const since = new_value?.['from_at'];
  return changed_at > at && since instanceof Date && since <= at;
}

/** What the table that gets the name next was called at the time, if none had the name. */
async function findFormerName(
  models: Models,
  entity_type: string,
  at: Date,
): Promise<{ name?: string; endedBy?: StoredChange | undefined } | undefined> {
  const namings = await models.find(listTableNamingsAfter, { entity_type, at }, { limit: 20 });
  const first = namings.sort(compareInLog).at(0);
  const former = first && namesIn(first).renamed_from;
  if (first === undefined || former === undefined) return undefined;
  const { names, endedBy } = await traceTable(models, former, {
    operations: ['RENAME', 'DROP'],
    since: at,
    before: first._id,
    renamedTo: entity_type,
  });
  return endedBy ? { endedBy } : { name: names.at(-1)!.entity_type };
}

function describe(
  entity: EntityReference,
  at: Date,
  { row, unknown, omitted, change }: KnownRow,
  { change: since }: { change: StoredChange | null },
): RowAsOf {
  return {
    ...entity,
    at,
    row: { ...row },
    ...(unknown.size > 0 && { unknown_fields: [...unknown] }),
    ...(omitted.size > 0 && { omitted_fields: [...omitted] }),
    since: since && { change_id: since._id, changed_at: since.changed_at, changed_by: since.changed_by },
    told_by: change._id,
  };
}
