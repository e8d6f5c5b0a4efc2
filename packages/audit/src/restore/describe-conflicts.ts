import type { EntityReference } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import { ChangeSource } from '../history/change-source.js';
import type { RowEffect } from '../history/row-effect.js';
import { walkBack } from '../history/walk-log.js';
import { compareRow, type ComparedRow } from './compare-row.js';
import type { Version } from './find-version.js';
import type { QueryRows } from './query-rows.js';
import type { TableShape } from './read-table.js';
import type { RestoreConflict } from './restore-plan.js';

/** The basis of a plan. */
export interface PlanBasis {
  readonly query: QueryRows;
  readonly version: Version;
  readonly table: TableShape;
  readonly compared: ComparedRow;
}

/** Lists what a plan would undo, and what it cannot restore. */
export async function describeConflicts(
  models: Models,
  entity: EntityReference,
  basis: PlanBasis,
): Promise<RestoreConflict[]> {
  const latest = await walkBack(new ChangeSource(models), entity, { at: endOfTime });
  return [
    ...describeFormerName(basis.version),
    ...describeNewerChange(basis.version, latest),
    ...(await compareTrail(basis, latest)),
    ...compareColumns(basis),
    ...compareKey(entity, basis),
  ];
}

/** Later than any change. */
const endOfTime = new Date(8.64e15);

function describeFormerName({ formerName }: Version): RestoreConflict[] {
  if (formerName === undefined) return [];
  return [{ kind: 'table-renamed', detail: `the table was called ${formerName} then`, blocking: false }];
}

function describeNewerChange({ change_id }: Version, { rows, before }: RowEffect): RestoreConflict[] {
  const last = rows.at(-1)?.change ?? (before.kind === 'kept' ? undefined : before.by);
  if (!last || (last._id === change_id && rows.length > 0)) return [];
  const when = `${last.changed_at.toISOString()} (${last._id})`;
  const detail =
    before.kind === 'unknown' && rows.length === 0
      ? `what became of the row since ${when} is not known, and would be undone`
      : `later changes would be undone, the last one by ${last.changed_by} at ${when}`;
  return [{ kind: 'newer-change', detail, blocking: false }];
}

/** Changes may still be on their way into the trail; its latest version of the row may then be outdated. */
async function compareTrail(
  { query, table, compared }: PlanBasis,
  { rows, before }: RowEffect,
): Promise<RestoreConflict[]> {
  const last = rows.at(-1);
  if (!last && !['replaced', 'ended'].includes(before.kind)) return [];
  const known = last && {
    row: last.row,
    unknown: [...last.unknown, ...last.omitted, ...last.pending.keys()],
  };
  const { exists, columns } = known ? await compareRow(query, table, known) : compared;
  const isBehind = known ? !exists || columns.some(({ differs }) => differs) : exists;
  if (!isBehind) return [];
  const id = last?.change._id ?? (before.kind === 'kept' ? '' : before.by._id);
  const detail = `the row is not what its last known change (${id}) left: later ones may still be on their way, and the version may not be the one that is meant`;
  return [{ kind: 'trail-behind', detail, blocking: false }];
}

function compareColumns({ version, table, compared }: PlanBasis): RestoreConflict[] {
  const { row } = version;
  const { exists, columns, unrenderable } = compared;
  const conflicts: RestoreConflict[] = [];
  const now = new Set(table.columns.map(({ field }) => field));
  const gone = Object.keys(row).filter((column) => !now.has(column));
  const dropped = [...new Set([...version.dropped, ...gone])];
  if (dropped.length > 0)
    conflicts.push({
      kind: 'column-dropped',
      detail: `the table no longer has ${dropped.join(', ')}: those values do not come back`,
      blocking: false,
    });
  const unknown = listUnknown(version, table);
  const added = [...now].filter((column) => !Object.hasOwn(row, column) && !unknown.includes(column));
  if (added.length > 0)
    conflicts.push({
      kind: 'column-added',
      detail: `${added.join(', ')} came later: ${exists ? 'left as it is' : 'filled with its default'}`,
      blocking: false,
    });
  const unknownNow = unknown.filter((column) => now.has(column));
  if (unknownNow.length > 0)
    conflicts.push({
      kind: 'value-unknown',
      detail: `the trail does not hold the values of ${unknownNow.join(', ')}${exists ? ': left as they are' : ', without which the row cannot come back'}`,
      blocking: !exists,
    });
  for (const [column, reason] of unrenderable)
    conflicts.push({ kind: 'value-unrenderable', detail: `${column}: ${reason}`, blocking: true });
  const kept = columns.filter(({ identity, differs, isKey }) => identity === 'always' && differs && !isKey);
  if (exists && kept.length > 0)
    conflicts.push({
      kind: 'identity-kept',
      detail: `${kept.map(({ name }) => name).join(', ')} is always numbered by PostgreSQL: left as it is`,
      blocking: false,
    });
  return conflicts;
}

/** Of a deleted row, the log holds nothing but the key where the table's replica identity is not full. */
function listUnknown({ row, isBefore, unknown }: Version, { columns }: TableShape): readonly string[] {
  const others = columns.filter(({ isKey }) => !isKey).map(({ field }) => field);
  const isKeyAlone = isBefore && !others.some((column) => Object.hasOwn(row, column));
  return isKeyAlone ? [...new Set([...unknown, ...others])] : unknown;
}

/** A change may have altered the key; the row with the version's key is restored. */
function compareKey({ entity_id }: EntityReference, { compared }: PlanBasis): RestoreConflict[] {
  const keys = compared.columns.filter(({ isKey }) => isKey).map(({ restored }) => String(restored));
  const isSame = entity_id === keys[0] || isSameSet(entity_id, keys);
  if (isSame) return [];
  const detail = `the version's key is ${keys.join(', ')}, not ${entity_id}: the row of that key is restored`;
  return [{ kind: 'key-changed', detail, blocking: false }];
}

function isSameSet(entityId: string, keys: readonly string[]): boolean {
  if (keys.length < 2 || !entityId.startsWith('[')) return false;
  const named = (JSON.parse(entityId) as unknown[]).map(String);
  return named.length === keys.length && [...named].sort().join('\n') === [...keys].sort().join('\n');
}
