import type { EntityReference, ServedQuery } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import type { EntityChangelog } from '../collections/entity-changelog.js';
import {
  listChangesAfter,
  listChangesAtInstant,
  listChangesUntil,
  listLostStretches,
} from '../collections/entity-changelog.queries.js';
import { beginOf, compareInLog, endOf, transactionOf, type StoredChange } from './log-order.js';

/** Until a time (inclusive), and before a change in the log. */
export interface Until {
  readonly at: Date;
  readonly before?: string | undefined;
}

/** After a time, and after a change in the log. */
export interface After {
  readonly at: Date;
  readonly after?: string | undefined;
}

/** A change without its rows, which may be large. */
export type ChangeMark = Pick<StoredChange, '_id' | 'changed_at' | 'operation'>;

/** How many changes around a time are looked at for the one that is next in the log: clocks may be set back. */
const mostDisordered = 20;

/** An id after those of all changes. */
const afterAll = '\u{10ffff}';

/** Finds the changes of an entity that are next to a place in the log; for one answer, since it remembers. */
export class ChangeSource {
  readonly #models: Models;
  #lost: Promise<readonly StoredChange[]> | undefined;

  constructor(models: Models) {
    this.#models = models;
  }

  /** The last change in the log until then; undefined if there is none. */
  async findLast(entity: EntityReference, until: Until): Promise<ChangeMark | undefined> {
    const marks = await this.#listMarks(listChangesUntil, { ...entity, ...until });
    const last = marks.sort(compareInLog).at(-1);
    if (!isOfOneInstant(marks)) return last;
    const stretch = { at: last!.changed_at, after: '', before: until.before ?? afterAll, newest_first: true };
    const [mark] = await this.#listMarks(listChangesAtInstant, { ...entity, ...stretch }, 1);
    return mark;
  }

  /** The first change in the log after then; undefined if there is none. */
  async findFirst(entity: EntityReference, after: After): Promise<ChangeMark | undefined> {
    const marks = await this.#listMarks(listChangesAfter, { ...entity, ...after });
    const first = marks.sort(compareInLog).at(0);
    if (!isOfOneInstant(marks)) return first;
    const stretch = { at: first!.changed_at, after: after.after ?? '', before: afterAll };
    const [mark] = await this.#listMarks(listChangesAtInstant, { ...entity, ...stretch }, 1);
    return mark;
  }

  /** The last changes of a whole table until then, the last one first. */
  async listTableChangesBack(entity_type: string, until: Until): Promise<StoredChange[]> {
    const entity = { entity_type, entity_id: '*', of: 'table' as const };
    let changes = await this.#models.find(
      listChangesUntil,
      { ...entity, ...until },
      { limit: mostDisordered },
    );
    if (isOfOneInstant(changes)) {
      const stretch = {
        at: changes[0]!.changed_at,
        after: '',
        before: until.before ?? afterAll,
        newest_first: true,
      };
      changes = await this.#models.find(
        listChangesAtInstant,
        { ...entity, ...stretch },
        { limit: mostDisordered },
      );
    }
    return changes.sort((one, other) => compareInLog(other, one));
  }

  /** The first changes of a whole table after then, the first one first. */
  async listTableChanges(entity_type: string, after: After): Promise<StoredChange[]> {
    const entity = { entity_type, entity_id: '*', of: 'table' as const };
    let changes = await this.#models.find(
      listChangesAfter,
      { ...entity, ...after },
      { limit: mostDisordered },
    );
    if (isOfOneInstant(changes)) {
      const stretch = { at: changes[0]!.changed_at, after: after.after ?? '', before: afterAll };
      changes = await this.#models.find(
        listChangesAtInstant,
        { ...entity, ...stretch },
        { limit: mostDisordered },
      );
    }
    return changes.sort(compareInLog);
  }

  /** All stretches of the log that were ever lost, the last one first. */
  async listLostStretches(): Promise<readonly StoredChange[]> {
    this.#lost ??= this.#models
      .find(listLostStretches, {})
      .then((lost) => lost.sort((one, other) => compareInLog(other, one)));
    return this.#lost;
  }

  /** The changes of an entity in one transaction, between two places in the log, one after another. */
  readTransaction(
    entity: EntityReference,
    mark: ChangeMark,
    {
      after = '',
      before = endOf(transactionOf(mark)),
    }: { after?: string | undefined; before?: string | undefined },
  ): AsyncIterable<StoredChange> {
    const begin = beginOf(transactionOf(mark));
    const end = endOf(transactionOf(mark));
    const stretch = { after: after > begin ? after : begin, before: before < end ? before : end };
    return this.#models.stream(listChangesAtInstant, { ...entity, ...stretch, at: mark.changed_at });
  }

  #listMarks<Parameters>(
    query: ServedQuery<EntityChangelog, Parameters>,
    parameters: NoInfer<Parameters>,
    limit = mostDisordered,
  ): Promise<ChangeMark[]> {
    return this.#models.find(query, parameters, { limit, fields: ['changed_at', 'operation'] });
  }
}

/** Whether there may be more of the same instant, in any order. */
function isOfOneInstant(marks: readonly ChangeMark[]): boolean {
  const [first] = marks;
  if (marks.length < mostDisordered || first === undefined) return false;
  return marks.every(({ changed_at }) => changed_at.getTime() === first.changed_at.getTime());
}
