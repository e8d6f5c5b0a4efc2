import { InvalidInputError, type TimeRange } from '@infratraq/kernel';
import type { Models, Page, PageRequest, Stored } from '@infratraq/mongo';
import { fieldOperations } from '../collections/field-audit-log.js';
import { checkInput, nameSchema, rangeSchema, rowIdSchema } from '../history/audit-input.js';
import { z } from 'zod';
import type { FieldAuditLog, FieldOperation } from '../collections/field-audit-log.js';
import {
  listFieldChangesByUser,
  listFieldsOfChange,
  listHistoryOfField,
} from '../collections/field-audit-log.queries.js';

/** Which entries of the field audit are asked for: those of a field of an entity, of a change, or of a person. */
export interface FieldAuditFilter {
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly entity_type?: string | undefined;
  readonly entity_id?: string | undefined;
  readonly field?: string | undefined;
  readonly change_id?: string | undefined;
  readonly changed_by?: string | undefined;
  readonly operation?: FieldOperation | undefined;
}

const filterSchema = rangeSchema.extend({
  entity_type: nameSchema.optional(),
  entity_id: rowIdSchema.optional(),
  field: nameSchema.optional(),
  change_id: nameSchema.optional(),
  changed_by: nameSchema.optional(),
  operation: z.enum(fieldOperations).optional(),
});

/** Reads the field audit: who changed a sensitive field, and who saw its values; all of it is masked. */
export class FieldAudit {
  readonly #models: Models;

  constructor(models: Models) {
    this.#models = models;
  }

  /**
   * Entries that match a filter, newest first.
   * @throws InvalidInputError `audit.field-filter`
   */
  async list(filter: FieldAuditFilter, page?: PageRequest): Promise<Page<Stored<FieldAuditLog>>> {
    checkInput(filterSchema, filter);
    const { entity_type, entity_id, field, change_id, changed_by, operation, from, to } = filter;
    const range: TimeRange = { ...(from && { from }), ...(to && { to }) };
    if (entity_type !== undefined && entity_id !== undefined && field !== undefined)
      return this.#models.page(
        listHistoryOfField,
        { entity_type, entity_id, field, changed_by, operation, ...range },
        page,
      );
    if (entity_type ?? entity_id ?? field)
      throw new InvalidInputError('Give entity_type, entity_id and field together', {
        code: 'audit.field-filter',
      });
    if (change_id !== undefined)
      return this.#models.page(listFieldsOfChange, { change_id, changed_by, operation }, page);
    if (changed_by !== undefined)
      return this.#models.page(listFieldChangesByUser, { changed_by, operation, ...range }, page);
    throw new InvalidInputError('Say whose or which: changed_by, change_id, or a field of an entity', {
      code: 'audit.field-filter',
    });
  }
}
