import type { EntityReference } from '@infratraq/kernel';
import type { After, ChangeMark, ChangeSource, Until } from './change-source.js';
import { fillFrom, type KnownRow } from './known-row.js';
import { compareInLog, transactionOf, type StoredChange } from './log-order.js';
import { applyChange, followBy, noEffect, type RowEffect } from './row-effect.js';

/** Transactions and alterations that one answer may hang on; beyond, values count as unknown. */
const mostSteps = 500;
/** Moves of a row's key that a value is followed over. */
const mostMoves = 20;

/** Reads a row's changes back from a place in the log, until they tell what the row was there. */
export async function walkBack(
  source: ChangeSource,
  entity: EntityReference,
  until: Until,
  moves = 0,
): Promise<RowEffect> {
  const lostStretches = source.listLostStretches();
  let tableChanges = new TableChanges(source, entity.entity_type, until.at);
  let { entity_type } = entity;
  let { before } = until;
  let formerName: string | undefined;
  let effect = noEffect;
  let known: Promise<ChangeMark | undefined> | undefined;
  for (let step = 0; !isSettled(effect); step += 1) {
    const row = { entity_type, entity_id: entity.entity_id };
    // Changes of the whole table that come after it leave it the last one of the row.
    known ??= source.findLast(row, { at: until.at, before });
    const [mark, ofTable, allLost] = await Promise.all([known, tableChanges.findLast(before), lostStretches]);
    const isEarlier = ({ _id, changed_at }: StoredChange) =>
      changed_at <= until.at && (before === undefined || _id < before);
    const lost = allLost.find(isEarlier);
    const ofAll = latest(ofTable, lost);
    const next = latest<ChangeMark>(mark, ofAll);
    if (next === undefined) break;
    if (step >= mostSteps) return giveUp(effect, ofAll);
    if (next === mark) {
      known = undefined;
      let run = noEffect;
      let first: string | undefined;
      for await (const change of source.readTransaction(row, mark, { after: ofAll?._id, before })) {
        first ??= change._id;
        run = applyChange(run, change);
      }
      effect = followBy(run, effect);
      before = first ?? mark._id;
      continue;
    }
    const change = ofAll as StoredChange;
    before = change._id;
    const { renamed_from, renamed_to } = namesIn(change);
    // The other half of a renaming that has been followed.
    if (renamed_to !== undefined && renamed_to === formerName) formerName = undefined;
    else if (renamed_from !== undefined) {
      formerName = entity_type;
      entity_type = renamed_from;
      known = undefined;
      tableChanges = new TableChanges(source, entity_type, until.at);
    } else effect = followBy(applyChange(noEffect, change), effect);
  }
  return resolveMoved(source, effect, until.at, moves);
}

/** What changes after a place in the log tell of a row there. */
export interface ToldRow {
  readonly row?: KnownRow;
  /** The change that made the row later. */
  readonly madeBy?: StoredChange;
  /** What ends the search: nothing beyond it tells of the row before. */
  readonly endedBy?: StoredChange;
}

/** Reads a row's changes on from a place in the log, until they tell what the row was there. */
export async function walkForward(
  source: ChangeSource,
  entity: EntityReference,
  from: After,
): Promise<ToldRow> {
  let { entity_type } = entity;
  let { after } = from;
  let formerName: string | undefined;
  let effect = noEffect;
  for (let step = 0; step < mostSteps; step += 1) {
    const row = { entity_type, entity_id: entity.entity_id };
    const [mark, [ofTable], allLost] = await Promise.all([
      source.findFirst(row, { at: from.at, after }),
      source.listTableChanges(entity_type, { at: from.at, after }),
      source.listLostStretches(),
    ]);
    const isLater = ({ _id, changed_at }: StoredChange) =>
      changed_at > from.at && (after === undefined || _id > after);
    const lost = allLost.findLast(isLater);
    const ofAll = earliest(ofTable, lost);
    const next = earliest<ChangeMark>(mark, ofAll);
    if (next === undefined) break;
    if (next === mark) {
      let run = noEffect;
      for await (const change of source.readTransaction(row, mark, { after, before: ofAll?._id })) {
        after = change._id;
        run = applyChange(run, change);
      }
      effect = followBy(effect, run);
      const { told, before, rows } = effect;
      if (told) return { row: told };
      if (before.kind !== 'kept') return { endedBy: before.by };
      const goesOn = ofAll !== undefined && transactionOf(ofAll) === transactionOf(mark);
      const made = rows.at(-1);
      // Once it is committed, a key belongs to one row: there was none before.
      if (made && !goesOn) return { madeBy: made.change };
      continue;
    }
    const change = ofAll as StoredChange;
    after = change._id;
    const { renamed_from, renamed_to } = namesIn(change);
    if (renamed_from !== undefined && renamed_from === formerName) formerName = undefined;
    else if (renamed_to !== undefined) {
      formerName = entity_type;
      entity_type = renamed_to;
    } else {
      effect = followBy(effect, applyChange(noEffect, change));
      if (effect.before.kind !== 'kept') return { endedBy: change };
    }
  }
  return {};
}

/** The names that a RENAME tells; none of other changes. */
export function namesIn({ operation, new_value }: StoredChange): {
  renamed_from?: string | undefined;
  renamed_to?: string | undefined;
} {
  if (operation !== 'RENAME') return {};
  const { renamed_from, renamed_to } = new_value ?? {};
  return {
    ...(typeof renamed_from === 'string' && { renamed_from }),
    ...(typeof renamed_to === 'string' && { renamed_to }),
  };
}

/** Counts what would come from further back as unknown. */
function giveUp(effect: RowEffect, by: StoredChange | undefined): RowEffect {
  if (by === undefined || effect.before.kind !== 'kept') return effect;
  return followBy({ rows: [], before: { kind: 'unknown', by } }, effect);
}

function isSettled({ rows, before }: RowEffect): boolean {
  const row = rows.at(-1);
  if (row) return row.pending.size === 0 || row.moved !== undefined;
  return before.kind !== 'kept';
}

/** Takes values that were not in the log when the row's key was changed from the row of its key before. */
async function resolveMoved(
  source: ChangeSource,
  effect: RowEffect,
  at: Date,
  moves: number,
): Promise<RowEffect> {
  const row = effect.rows.at(-1);
  if (!row || row.pending.size === 0) return effect;
  const { moved } = row;
  let origin: KnownRow | undefined;
  if (moved?.moved_from !== undefined && moves < mostMoves) {
    const former = { entity_type: moved.entity_type, entity_id: moved.moved_from };
    const { rows } = await walkBack(source, former, { at, before: beforeMove(moved) }, moves + 1);
    origin = rows.at(-1);
  }
  return { ...effect, rows: [...effect.rows.slice(0, -1), fillFrom(row, origin)] };
}

/** The place of the DELETE that stands just before the INSERT of a row whose key was changed. */
function beforeMove({ _id }: StoredChange): string {
  const digits = 8;
  const position = Number.parseInt(_id.slice(-digits), 16) - 1;
  return _id.slice(0, -digits) + position.toString(16).padStart(digits, '0');
}

/** The changes of a whole table until a time, read as they are asked for. */
class TableChanges {
  readonly #source: ChangeSource;
  readonly #entityType: string;
  readonly #at: Date;
  #known: StoredChange[] | undefined;

  constructor(source: ChangeSource, entityType: string, at: Date) {
    this.#source = source;
    this.#entityType = entityType;
    this.#at = at;
  }

  async findLast(before: string | undefined): Promise<StoredChange | undefined> {
    const isBefore = ({ _id }: StoredChange) => before === undefined || _id < before;
    const known = this.#known?.find(isBefore);
    if (known || this.#known?.length === 0) return known;
    this.#known = await this.#source.listTableChangesBack(this.#entityType, { at: this.#at, before });
    return this.#known.find(isBefore);
  }
}

function latest<Mark extends ChangeMark>(...marks: (Mark | undefined)[]): Mark | undefined {
  return marks
    .filter((mark) => mark !== undefined)
    .sort(compareInLog)
    .at(-1);
}

function earliest<Mark extends ChangeMark>(...marks: (Mark | undefined)[]): Mark | undefined {
  return marks
    .filter((mark) => mark !== undefined)
    .sort(compareInLog)
    .at(0);
}
