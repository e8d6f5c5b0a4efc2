import { readEntityType } from '@infratraq/capture';
import { InvalidInputError, NotFoundError, type EntityReference } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import { EntityChangelog } from '../collections/entity-changelog.js';
import { ChangeSource } from '../history/change-source.js';
import { findRowAsOf } from '../history/find-row-as-of.js';
import { mayBe, rowBefore, type KnownRow } from '../history/known-row.js';
import type { StoredChange } from '../history/log-order.js';
import { traceTable, type TracedTable } from '../history/trace-table.js';
import { namesIn, walkBack } from '../history/walk-log.js';
import { carryForward } from './carry-forward.js';

/** Which version of a row is meant: as it was at a time, or as a change left it (or deleted it). */
export interface VersionSelector {
  readonly at?: Date | undefined;
  readonly change_id?: string | undefined;
}

/** A row as the trail knows it, by the columns that its table has now. */
export interface Version {
  readonly schema_name: string;
  readonly table_name: string;
  readonly row: Readonly<Record<string, unknown>>;
  /** The change that holds it. */
  readonly change_id: string;
  /** Whether it is known from the change that replaced it. */
  readonly isBefore: boolean;
  /** Columns that the row had, and whose values the trail does not hold, or holds in another type's terms. */
  readonly unknown: readonly string[];
  /** Columns that the row had, and that were dropped since. */
  readonly dropped: readonly string[];
  /** What the table was called then, where that was another name. */
  readonly formerName?: string | undefined;
}

/** All that can end what a name means, or what a column is. */
const operations = ['RENAME', 'DROP', 'ALTER', 'GAP'] as const;

/**
 * Finds a version of a row of the table that has the name now, whatever it was called then.
 * @throws InvalidInputError `audit.version-selector` unless exactly one of both selectors is given
 * @throws NotFoundError `audit.change-unknown`, `audit.no-version`, and those of {@link findRowAsOf}
 */
export async function findVersion(
  models: Models,
  entity: EntityReference,
  { at, change_id }: VersionSelector,
): Promise<Version> {
  if ((at === undefined) === (change_id === undefined))
    throw new InvalidInputError('Name the version by either a time (at) or a change (change_id)', {
      code: 'audit.version-selector',
    });
  if (at === undefined) return findVersionOfChange(models, entity, change_id as string);
  const traced = await traceTable(models, entity.entity_type, { since: at, operations });
  if (traced.endedBy) throw noTableThen(entity, at, traced.endedBy);
  const then = { ...entity, entity_type: nameThen(traced) };
  const {
    row,
    told_by,
    since,
    unknown_fields = [],
    omitted_fields = [],
  } = await findRowAsOf(models, then, at);
  return describeVersion(entity, traced, {
    row,
    change_id: told_by,
    isBefore: since === null,
    unknown: [...unknown_fields, ...omitted_fields],
  });
}

async function findVersionOfChange(models: Models, entity: EntityReference, id: string): Promise<Version> {
  const { entity_type, entity_id } = entity;
  const change = (await models
    .of(EntityChangelog)
    .findOne({ _id: id, entity_id })
    .lean()) as StoredChange | null;
  const traced = await traceTable(models, entity_type, { after: id, operations });
  if (!change || traced.endedBy || change.entity_type !== nameThen(traced))
    throw new NotFoundError(`${entity_type} ${entity_id} has no change ${id}`, 'audit.change-unknown');
  const known = await readRowOf(models, change);
  if (!known)
    throw new NotFoundError(
      `Change ${id} (${change.operation}) does not tell what the row was`,
      'audit.no-version',
    );
  const { row, unknown, omitted } = known;
  return describeVersion(entity, traced, {
    row,
    change_id: id,
    isBefore: row === change.old_value,
    unknown: [...unknown, ...omitted],
  });
}

/** The row as a change left it, or, of a DELETE, as it was before. What the log left out comes from earlier changes. */
async function readRowOf(models: Models, change: StoredChange): Promise<KnownRow | undefined> {
  const source = new ChangeSource(models);
  const { _id, changed_at: at, old_value, new_value } = change;
  if (new_value) {
    const { rows } = await walkBack(source, change, { at, before: `${_id}\0` });
    return rows.find((row) => row.change._id === _id);
  }
  const { rows } = await walkBack(source, change, { at, before: _id });
  return rows.findLast((row) => old_value && mayBe(row, old_value)) ?? rowBefore(change);
}

type KnownVersion = Pick<Version, 'row' | 'unknown' | 'change_id' | 'isBefore'>;

function describeVersion(
  { entity_type }: EntityReference,
  traced: TracedTable,
  { change_id, isBefore, ...known }: KnownVersion,
): Version {
  const { schema, table } = readEntityType(entity_type) ?? { schema: 'public', table: entity_type };
  const former = nameThen(traced);
  return {
    schema_name: schema,
    table_name: table,
    change_id,
    isBefore,
    ...carryForward(known, traced.events),
    ...(former !== entity_type && { formerName: former }),
  };
}

function nameThen({ names }: TracedTable): string {
  return (names.at(-1) ?? names[0]).entity_type;
}

function noTableThen({ entity_type, entity_id }: EntityReference, at: Date, by: StoredChange): NotFoundError {
  const { renamed_to } = namesIn(by);
  if (renamed_to !== undefined)
    return new NotFoundError(
      `What was called ${by.entity_type} at ${at.toISOString()} has been called ${renamed_to} since ${by.changed_at.toISOString()}: restore ${renamed_to} ${entity_id}`,
      'audit.table-renamed',
    );
  return new NotFoundError(
    `${entity_type} ${entity_id} did not exist at ${at.toISOString()}: its table was made after ${by.changed_at.toISOString()}`,
    'audit.row-not-yet-existing',
  );
}
