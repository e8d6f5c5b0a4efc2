import { InfratraqError, type EntityReference } from '@infratraq/kernel';
import type { AuditHistory } from '../../history/audit-history.js';
import type { RowAsOf } from '../../history/find-row-as-of.js';
import { isOfWholeTable, transactionOf } from '../../history/log-order.js';
import { differsFrom, findRow, findTable, idOf, typeOf } from './expect-values.js';
import type { Observation, ObservedTable, ObservedValue } from './observe.js';

/** How answers compare with what PostgreSQL said. */
export interface Verdict {
  asked: number;
  /** Answers that say that they don't know, or of some columns. */
  unknown: string[];
  wrong: string[];
}

/** The rows that may be asked for: every id that a name ever had. */
export function listEntities(moments: readonly Observation[]): EntityReference[] {
  const entities = new Map<string, EntityReference>();
  for (const { tables } of moments)
    for (const table of tables.filter(({ isPartition }) => !isPartition))
      for (const row of table.rows) {
        const entity = { entity_type: typeOf(table), entity_id: idOf(table, row) ?? '' };
        if (entity.entity_id !== '') entities.set(JSON.stringify(entity), entity);
      }
  return [...entities.values()];
}

/** Most answers of a kind for one history. */
const mostAsked = 40;

/** An even choice of what could be asked, no more than there may be. */
export function chooseEvenly<Item>(items: readonly Item[], most: number): Item[] {
  const step = Math.max(1, Math.ceil(items.length / most));
  return items.filter((_, place) => place % step === 0);
}

/** Asks for the rows at the moments. */
export async function judgeRowsAsOf(
  history: AuditHistory,
  moments: readonly Observation[],
  verdict: Verdict,
): Promise<void> {
  const entities = listEntities(moments);
  const all = moments.flatMap((moment) => entities.map((entity) => ({ moment, entity })));
  const asked = chooseEvenly(all, mostAsked);
  await Promise.all(asked.map(({ moment, entity }) => judgeRowAsOf(history, moment, entity, verdict)));
}

async function judgeRowAsOf(
  history: AuditHistory,
  moment: Observation,
  entity: EntityReference,
  verdict: Verdict,
): Promise<void> {
  const table = findTable(moment, entity.entity_type);
  // A partition's rows are its root's, and rows without a key have no ids.
  if (table && (table.isPartition || table.key === null)) return;
  const asked = `${entity.entity_type} ${entity.entity_id} at ${moment.at.toISOString()}`;
  verdict.asked += 1;
  const answer = await askRow(history, entity, moment.at);
  if (answer === 'unknown') {
    verdict.unknown.push(asked);
    return;
  }
  if (table === undefined) {
    // No table had the name: it is the row of the one that got it next, or none.
    const former = answer && findTable(moment, answer.known_as ?? '');
    const row = former && findRow(former, entity.entity_id);
    if (answer && !row) verdict.wrong.push(`${asked}: no such table was there, but there is an answer`);
    if (answer && former && row) compareRows(asked, former, row, answer, verdict);
    return;
  }
  const row = findRow(table, entity.entity_id);
  if (answer && row) compareRows(asked, table, row, answer, verdict);
  else if (answer) verdict.wrong.push(`${asked}: there was no row, but ${answer.told_by} tells one`);
  else if (row) verdict.wrong.push(`${asked}: there was a row, but it is not found`);
}

/** The row, nothing where there was none, or that it is not known. */
async function askRow(
  history: AuditHistory,
  entity: EntityReference,
  at: Date,
): Promise<RowAsOf | undefined | 'unknown'> {
  try {
    return await history.findRowAsOf(entity, at);
  } catch (error) {
    if (!(error instanceof InfratraqError) || error.status !== 404) throw error;
    return error.code === 'audit.row-unknown' ? 'unknown' : undefined;
  }
}

function compareRows(
  asked: string,
  { columns }: ObservedTable,
  row: readonly ObservedValue[],
  answer: RowAsOf,
  verdict: Verdict,
): void {
  const { unknown_fields = [] } = answer;
  const wrong = columns.flatMap((column, place) => {
    if (unknown_fields.includes(column.name)) return [];
    if (!Object.hasOwn(answer.row, column.name)) return [`${column.name} is missing`];
    const difference = differsFrom(column, row[place]![0], answer.row[column.name]);
    return difference === undefined ? [] : [`${column.name} was ${difference}`];
  });
  const surplus = Object.keys(answer.row).filter((name) => !columns.some((column) => column.name === name));
  if (surplus.length > 0) wrong.push(`${surplus.join(', ')} was not there`);
  if (wrong.length > 0) verdict.wrong.push(`${asked} (${answer.told_by}): ${wrong.join('; ')}`);
  else if (unknown_fields.length > 0) verdict.unknown.push(`${asked}: ${unknown_fields.join(', ')}`);
}

/** The newest change of an entity's history is the one that made the row what it is now. */
export async function judgeHistories(
  history: AuditHistory,
  moments: readonly Observation[],
  verdict: Verdict,
): Promise<void> {
  const now = moments.at(-1)!;
  for (const entity of listEntities([now])) {
    const answer = await askRow(history, entity, now.at);
    if (answer === undefined || answer === 'unknown' || answer.since === null) continue;
    const { items } = await history.listEntityChanges(entity, {}, { limit: 100 });
    const own = items.filter((item) => !isOfWholeTable(item));
    const newest = own.filter((item) => transactionOf(item) === transactionOf(own[0]!));
    if (!newest.some(({ _id }) => _id === answer.since!.change_id))
      verdict.wrong.push(
        `history of ${entity.entity_type} ${entity.entity_id}: ends in ${own[0]?._id}, not ${answer.since.change_id}`,
      );
  }
}
