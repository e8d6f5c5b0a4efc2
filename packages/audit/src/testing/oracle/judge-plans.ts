import { InfratraqError, type EntityReference } from '@infratraq/kernel';
import type { RestorePlan } from '../../restore/restore-plan.js';
import type { RowRestorer } from '../../restore/row-restorer.js';
import { findRow, findTable, idOf } from './expect-values.js';
import { chooseEvenly, listEntities, type Verdict } from './judge-answers.js';
import type { Observation, ObservedColumn, ObservedTable, ObservedValue } from './observe.js';

/** Most plans for one history: each takes a transaction. */
const mostPlans = 6;

/** Plans to restore rows of the present tables to each moment. */
export async function judgePlans(
  restorer: RowRestorer,
  moments: readonly Observation[],
  verdict: Verdict,
): Promise<void> {
  const now = moments.at(-1)!;
  const entities = listEntities(moments).filter(({ entity_type }) => {
    const table = findTable(now, entity_type);
    return table && !table.isPartition && table.key !== null;
  });
  const all = moments.slice(0, -1).flatMap((moment) => entities.map((entity) => ({ moment, entity })));
  for (const { moment, entity } of chooseEvenly(all, mostPlans))
    await judgePlan(restorer, moment, now, entity, verdict);
}

async function judgePlan(
  restorer: RowRestorer,
  moment: Observation,
  now: Observation,
  entity: EntityReference,
  verdict: Verdict,
): Promise<void> {
  const asked = `plan for ${entity.entity_type} ${entity.entity_id} of ${moment.at.toISOString()}`;
  const table = findTable(now, entity.entity_type)!;
  const then = moment.tables.find(({ oid }) => oid === table.oid);
  if (then && (then.isPartition || then.key === null)) return;
  verdict.asked += 1;
  const plan = await askPlan(restorer, entity, moment.at);
  if (plan === 'unknown') {
    verdict.unknown.push(asked);
    return;
  }
  const row = then && findRow(then, entity.entity_id);
  if (!plan) {
    if (row) verdict.wrong.push(`${asked}: there was a row, but it is not found`);
    return;
  }
  if (!then || !row) {
    verdict.wrong.push(`${asked}: there was no row, but a plan`);
    return;
  }
  compareWithPlan(asked, { then, row, table, plan }, verdict);
}

/** The plan, nothing where there was no row, or that the row is not known, or no longer fits. */
async function askPlan(
  restorer: RowRestorer,
  entity: EntityReference,
  at: Date,
): Promise<RestorePlan | undefined | 'unknown'> {
  try {
    return await restorer.plan(entity, { at });
  } catch (error) {
    if (!(error instanceof InfratraqError) || ![404, 409].includes(error.status)) throw error;
    return error.status === 409 || error.code === 'audit.row-unknown' ? 'unknown' : undefined;
  }
}

interface Compared {
  readonly then: ObservedTable;
  readonly row: readonly ObservedValue[];
  readonly table: ObservedTable;
  readonly plan: RestorePlan;
}

/** Every column is the same column by its number, whatever it is called; what the plan leaves alone must be right already. */
function compareWithPlan(asked: string, { then, row, table, plan }: Compared, verdict: Verdict): void {
  const said = plan.conflicts.map(({ detail }) => detail).join('; ');
  const isBlocked = plan.conflicts.some(({ blocking }) => blocking);
  const wrong: string[] = [];
  for (const column of table.columns) {
    const place = then.columns.findIndex(({ attnum }) => attnum === column.attnum);
    const before = then.columns[place];
    if (before === undefined || column.generated || isBlocked) continue;
    // Values of another type than now are converted, which PostgreSQL decides.
    if (before.type !== column.type) continue;
    const difference = plan.differences.find((one) => one.column === column.name);
    const current = findRowByPlan(table, plan, row, then);
    const index = table.columns.indexOf(column);
    const restored = difference ? placeOf(column.labels, difference.restored) : current?.[index]?.[1];
    if (isSame(before, row[place]![1], column, restored ?? null)) continue;
    if (said.includes(column.name)) continue;
    wrong.push(`${column.name} was ${row[place]![1]}, but would be ${restored}`);
  }
  if (wrong.length > 0) verdict.wrong.push(`${asked} (${plan.change_id}): ${wrong.join('; ')}`);
  else if (isBlocked || plan.conflicts.some(({ kind }) => kind === 'value-unknown'))
    verdict.unknown.push(asked);
}

/** The present row that the plan would update: that of the key which the row had, by the present key. */
function findRowByPlan(
  table: ObservedTable,
  { action }: RestorePlan,
  row: readonly ObservedValue[],
  then: ObservedTable,
): readonly ObservedValue[] | undefined {
  if (action === 'insert') return undefined;
  const asNow = table.columns.map(
    ({ attnum }): ObservedValue =>
      row[then.columns.findIndex((column) => column.attnum === attnum)] ?? [null, null],
  );
  const id = idOf(table, asNow);
  return id === undefined ? undefined : findRow(table, id);
}

/** The attributes of a composite are the same by their numbers; those that came later are null, and others are gone. */
function isSame(
  before: ObservedColumn,
  then: string | null,
  column: ObservedColumn,
  now: string | null,
): boolean {
  if (then === now || then === null || now === null || !before.attributes || !column.attributes)
    return then === now;
  const values = readAttributes(then, before.attributes);
  return [...readAttributes(now, column.attributes)].every(
    ([number, value]) => value === (values.get(number) ?? ''),
  );
}

function readAttributes(text: string, numbers: readonly number[]): Map<number, string> {
  const values = text.slice(1, -1).split(',');
  return new Map(numbers.map((number, place) => [number, values[place] ?? '']));
}

function placeOf(labels: readonly string[] | null, text: string | null): string | null {
  if (labels === null || text === null) return text;
  return String(labels.indexOf(text) + 1);
}
