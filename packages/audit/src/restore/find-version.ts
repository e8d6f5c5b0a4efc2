import { InvalidInputError, NotFoundError, type EntityReference } from '@infratraq/kernel';
import type { Models, Stored } from '@infratraq/mongo';
import { EntityChangelog } from '../collections/entity-changelog.js';
import { findRowAsOf } from '../history/find-row-as-of.js';

/** Which version of a row is meant: as it was at a time, or as a change left it (or deleted it). */
export interface VersionSelector {
  readonly at?: Date | undefined;
  readonly change_id?: string | undefined;
}

/** A row as the trail knows it. */
export interface Version {
  readonly schema_name: string;
  readonly table_name: string;
  readonly row: Readonly<Record<string, unknown>>;
  /** The change that holds it. */
  readonly change: Stored<EntityChangelog>;
  /** Whether the row is the change's old value, not its new one. */
  readonly isBefore: boolean;
  /** Columns that the row had, and whose values the trail does not hold. */
  readonly unknown: readonly string[];
}

/**
 * Finds a version of a row.
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
  const id = change_id ?? (await findRowAsOf(models, entity, at!)).told_by;
  const change = (await models
    .of(EntityChangelog)
    .findOne({ _id: id, ...entity })
    .lean()) as Stored<EntityChangelog> | null;
  if (!change)
    throw new NotFoundError(
      `${entity.entity_type} ${entity.entity_id} has no change ${id}`,
      'audit.change-unknown',
    );
  // To restore a DELETE is to restore the row that it deleted.
  return readVersion(change, change.new_value ? at !== undefined && change.changed_at > at : true);
}

/**
 * Reads the row that a change made, or that it replaced.
 * @throws NotFoundError `audit.no-version`
 */
export function readVersion(change: Stored<EntityChangelog>, isBefore: boolean): Version {
  const { _id, operation, old_value, new_value } = change;
  const row = isBefore ? old_value : new_value;
  if (!row)
    throw new NotFoundError(
      `Change ${_id} (${operation}) does not tell what the row was`,
      'audit.no-version',
    );
  const { schema_name, table_name, changed_fields, omitted_fields = [], unchanged_fields = [] } = change;
  const had = [...Object.keys(new_value ?? {}), ...changed_fields, ...unchanged_fields];
  const missing = had.filter((column) => !(column in row));
  const unknown = [...new Set([...omitted_fields, ...missing])];
  return { schema_name, table_name, row, change, isBefore, unknown };
}
