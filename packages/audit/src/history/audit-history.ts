import { InvalidInputError, type EntityReference, type TimeRange } from '@infratraq/kernel';
import type { Models, Page, PageRequest, Stored } from '@infratraq/mongo';
import type { EntityChangelog } from '../collections/entity-changelog.js';
import {
  listChangesByUser,
  listChangesInTime,
  listChangesOfCause,
  listChangesOfEntity,
  listChangesOfType,
  listChangesUnderNames,
  type ChangeConditions,
} from '../collections/entity-changelog.queries.js';
import { z } from 'zod';
import { checkInput, entitySchema, nameSchema, rangeSchema, rowIdSchema } from './audit-input.js';
import { findRowAsOf, type RowAsOf } from './find-row-as-of.js';
import { findTableNames, type FormerName } from './table-names.js';

/** Which changes are asked for; all conditions must hold. */
export interface ChangeFilter extends ChangeConditions, TimeRange {
  /** Only together with `entity_type`. */
  readonly entity_id?: string | undefined;
}

/** A page of a row's changes, and what its table was called besides. */
export interface EntityPage extends Page<Stored<EntityChangelog>> {
  /** Former names of the table, the last one first; changes until then carry them. */
  readonly also_known_as?: FormerName[];
  /** What the table that had the name is called since. */
  readonly renamed_to?: { readonly entity_type: string; readonly at: Date };
}

const filterSchema = rangeSchema.extend({
  entity_type: nameSchema.optional(),
  entity_id: rowIdSchema.optional(),
  changed_by: nameSchema.optional(),
  cause_id: nameSchema.optional(),
});

const fieldSchema = entitySchema.extend({ field: nameSchema, ...rangeSchema.shape });

/** Reads the audit trail: changes, and rows as of a time. */
export class AuditHistory {
  readonly #models: Models;

  constructor(models: Models) {
    this.#models = models;
  }

  /**
   * Changes that match a filter, newest first; those of one cause in the order in which they happened.
   * @throws InvalidInputError `audit.entity-type-required`, `time.range`, `cursor.invalid`
   */
  async listChanges(filter: ChangeFilter = {}, page?: PageRequest): Promise<Page<Stored<EntityChangelog>>> {
    const { entity_type, entity_id, changed_by, cause_id, from, to } = checkInput(filterSchema, filter);
    const range: TimeRange = { ...(from && { from }), ...(to && { to }) };
    assertRange(range);
    if (entity_id !== undefined) {
      if (entity_type === undefined)
        throw new InvalidInputError('An entity_id needs its entity_type beside it', {
          code: 'audit.entity-type-required',
        });
      const entity = { entity_type, entity_id, changed_by, cause_id };
      return this.#models.page(listChangesOfEntity, { ...entity, ...range }, page);
    }
    if (cause_id !== undefined)
      return this.#models.page(listChangesOfCause, { cause_id, entity_type, changed_by, ...range }, page);
    if (changed_by !== undefined)
      return this.#models.page(listChangesByUser, { changed_by, entity_type, ...range }, page);
    if (entity_type !== undefined)
      return this.#models.page(listChangesOfType, { entity_type, ...range }, page);
    return this.#models.page(listChangesInTime, range, page);
  }

  /**
   * Changes of one row, newest first, under every name that its table had.
   * @throws InvalidInputError `time.range`, `cursor.invalid`
   */
  async listEntityChanges(
    { entity_type, entity_id }: EntityReference,
    { from, to }: { from?: Date | undefined; to?: Date | undefined } = {},
    page?: PageRequest,
  ): Promise<EntityPage> {
    checkInput(entitySchema.extend(rangeSchema.shape), { entity_type, entity_id, from, to });
    return this.#listUnderNames(entity_type, { entity_id }, { from, to }, page);
  }

  /**
   * Changes of one row in which a column changed, or may have changed, newest first, under every name of its table.
   * @throws InvalidInputError `time.range`, `cursor.invalid`
   */
  async listFieldChanges(
    { entity_type, entity_id }: EntityReference,
    field: string,
    { from, to }: { from?: Date | undefined; to?: Date | undefined } = {},
    page?: PageRequest,
  ): Promise<EntityPage> {
    checkInput(fieldSchema, { entity_type, entity_id, field, from, to });
    return this.#listUnderNames(entity_type, { entity_id, field }, { from, to }, page);
  }

  async #listUnderNames(
    entity_type: string,
    asked: { entity_id: string; field?: string },
    { from, to }: { from?: Date | undefined; to?: Date | undefined },
    page: PageRequest | undefined,
  ): Promise<EntityPage> {
    const range: TimeRange = { ...(from && { from }), ...(to && { to }) };
    assertRange(range);
    const { stretches, alsoKnownAs, renamedTo } = await findTableNames(this.#models, entity_type);
    const found = await this.#models.page(
      listChangesUnderNames,
      { ...asked, stretches, ...range },
      page,
      // The names may change while somebody reads on.
      { list: [entity_type, asked.entity_id, asked.field ?? null, from ?? null, to ?? null] },
    );
    return {
      ...found,
      ...(alsoKnownAs.length > 0 && { also_known_as: [...alsoKnownAs] }),
      ...(renamedTo && { renamed_to: renamedTo }),
    };
  }

  /**
   * The row as it was at a time, from its last change until then; a row that was there before its first
   * known change is read from what that change replaced.
   * @throws NotFoundError `audit.row-deleted`, `audit.row-not-yet-existing`, `audit.row-unknown`
   */
  async findRowAsOf(entity: EntityReference, at: Date): Promise<RowAsOf> {
    checkInput(entitySchema.extend({ at: z.date() }), { ...entity, at });
    return findRowAsOf(this.#models, entity, at);
  }
}

function assertRange({ from, to }: TimeRange): void {
  if (from && to && from >= to)
    throw new InvalidInputError('The time range is empty: from must be before to', { code: 'time.range' });
}
