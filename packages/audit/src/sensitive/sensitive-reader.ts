import { randomUUID } from 'node:crypto';
import { currentActor, ForbiddenError, InfratraqError, type Actor, type Role } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import { FieldAuditLog, type FieldMasking } from '../collections/field-audit-log.js';
import { z } from 'zod';
import { checkInput, reasonSchema } from '../history/audit-input.js';
import type { Alteration } from '../history/alteration.js';
import type { RowAsOf } from '../history/find-row-as-of.js';
import type { Mask } from './mask-value.js';
import { readDeclarations, type Declarations, type SensitiveFields } from './sensitive-fields.js';

/** What reading works with. */
export interface SensitiveReaderOptions {
  readonly models: Models;
  readonly fields: SensitiveFields;
  readonly mask: Mask;
  readonly now?: () => Date;
}

/** Whether the values themselves are asked for, and why. */
export interface Disclosure {
  readonly unmasked?: boolean | undefined;
  readonly reason?: string | undefined;
}

const disclosureSchema = z.object({ unmasked: z.boolean().optional(), reason: reasonSchema.optional() });

type Row = Record<string, unknown>;

/** As much of a change as can hold sensitive values. */
export interface ChangeValues {
  readonly _id: string;
  readonly entity_type: string;
  readonly entity_id: string;
  readonly operation?: string;
  readonly old_value?: Row | null;
  readonly new_value?: Row | null;
}

const unmaskedRoles: readonly Role[] = ['auditor', 'admin'];

/** A reading of sensitive values could not be recorded, so none are shown. */
class ReadNotRecordedError extends InfratraqError {
  constructor(cause: unknown) {
    super(
      'audit.read-unrecorded',
      'Sensitive values are only shown once it is recorded who reads them, which failed; ask again, or without unmasked',
      { status: 503, cause },
    );
  }
}

/** Shows changes to readers: with sensitive values masked, or unmasked and recorded for those who may see them. */
export class SensitiveReader {
  readonly #options: SensitiveReaderOptions;

  constructor(options: SensitiveReaderOptions) {
    this.#options = options;
  }

  /**
   * The changes as the current actor may see them. Unmasked values are returned only after the reading is recorded.
   * @throws ForbiddenError `audit.unmasked-forbidden`
   * @throws ReadNotRecordedError
   */
  async show<Shown extends ChangeValues>(
    changes: readonly Shown[],
    disclosure: Disclosure = {},
  ): Promise<Shown[]> {
    checkInput(disclosureSchema, disclosure);
    const declarations = await readDeclarations(this.#options.fields);
    if (disclosure.unmasked) {
      await this.#record(changes, declarations, disclosure);
      return [...changes];
    }
    return changes.map((change) => this.#maskChange(change, declarations));
  }

  /**
   * A row as of a time as the current actor may see it, by what is declared of every name that its table had.
   * @throws ForbiddenError `audit.unmasked-forbidden`
   * @throws ReadNotRecordedError
   */
  async showRow(
    { entity_type, entity_id, known_as, row, told_by }: RowAsOf,
    disclosure: Disclosure = {},
  ): Promise<Row> {
    checkInput(disclosureSchema, disclosure);
    const names = [...new Set([entity_type, known_as ?? entity_type])];
    const declarations = await readDeclarations(this.#options.fields);
    if (!disclosure.unmasked) return this.#maskRow(row, declarations.of(...names));
    const read = names.map((name) => ({ _id: told_by, entity_type: name, entity_id, new_value: row }));
    await this.#record(read, declarations, disclosure);
    return row;
  }

  /**
   * Admits the current actor to a change that can only be shown as a whole.
   * @throws ForbiddenError `audit.sensitive-content`, `audit.unmasked-forbidden`
   * @throws ReadNotRecordedError
   */
  async admit(change: ChangeValues, disclosure: Disclosure = {}): Promise<void> {
    checkInput(disclosureSchema, disclosure);
    const declarations = await readDeclarations(this.#options.fields);
    if (listSensitive(change, declarations).length === 0) return;
    if (!disclosure.unmasked)
      throw new ForbiddenError(
        `Change ${change._id} holds sensitive values and can only be shown with them: ask with unmasked=true, which needs the role ${unmaskedRoles.join(' or ')} and is recorded`,
        'audit.sensitive-content',
      );
    await this.#record([change], declarations, disclosure);
  }

  /** How a column is masked, or undefined when it is not sensitive. */
  async maskingOf(entityType: string, column: string) {
    return (await readDeclarations(this.#options.fields)).of(entityType).get(column);
  }

  #maskChange<Shown extends ChangeValues>(change: Shown, declarations: Declarations): Shown {
    const columns = declarations.of(change.entity_type);
    if (columns.size === 0) return change;
    const maskRow = (row: Row | null | undefined) => row && this.#maskRow(row, columns);
    const new_value = isAlteration(change)
      ? this.#maskColumns(change.new_value, columns)
      : maskRow(change.new_value);
    return { ...change, old_value: maskRow(change.old_value), new_value };
  }

  #maskRow(row: Row, masked: ReadonlyMap<string, FieldMasking>): Row {
    return Object.fromEntries(
      Object.entries(row).map(([column, value]) => {
        const masking = masked.get(column);
        return [column, masking === undefined ? value : this.#options.mask(value, masking)];
      }),
    );
  }

  /** An ALTER says what existing rows have in added columns. */
  #maskColumns({ columns, ...rest }: Alteration, masked: ReadonlyMap<string, FieldMasking>): Row {
    const shown = columns.map((column) => {
      const masking = masked.get(column.name);
      return masking === undefined || column.value === undefined
        ? column
        : { ...column, value: this.#options.mask(column.value, masking) };
    });
    return { ...rest, columns: shown };
  }

  async #record(
    changes: readonly ChangeValues[],
    declarations: Declarations,
    { reason }: Disclosure,
  ): Promise<void> {
    const actor = currentActor();
    if (actor === undefined || !actor.roles.some((role) => unmaskedRoles.includes(role)))
      throw new ForbiddenError(
        `Sensitive values unmasked are for the role ${unmaskedRoles.join(' or ')}`,
        'audit.unmasked-forbidden',
      );
    const changed_at = (this.#options.now ?? (() => new Date()))();
    const readings = changes.flatMap((change) =>
      listSensitive(change, declarations).map(([field, masking]): FieldAuditLog => ({
        _id: `read:${randomUUID()}`,
        change_id: change._id,
        entity_type: change.entity_type,
        entity_id: change.entity_id,
        field,
        operation: 'READ',
        masking,
        changed_at,
        ...describeReader(actor, reason),
      })),
    );
    if (readings.length === 0) return;
    try {
      await this.#options.models.of(FieldAuditLog).insertMany(readings, { throwOnValidationError: true });
    } catch (error) {
      throw new ReadNotRecordedError(error);
    }
  }
}

function isAlteration<Shown extends ChangeValues>(
  change: Shown,
): change is Shown & { readonly new_value: Alteration & Row } {
  return change.operation === 'ALTER' && Array.isArray(change.new_value?.['columns']);
}

function listSensitive(change: ChangeValues, declarations: Declarations) {
  const { entity_type, old_value, new_value } = change;
  const added = isAlteration(change)
    ? Object.fromEntries(change.new_value.columns.map(({ name, value }) => [name, value]))
    : undefined;
  const holds = (column: string) =>
    [old_value, added ?? new_value].some((row) => (row?.[column] ?? null) !== null);
  return [...declarations.of(entity_type)].filter(([column]) => holds(column));
}

function describeReader({ user_id, ip_address, session_id, cause_id, ...actor }: Actor, said?: string) {
  const reason = said ?? actor.reason;
  return {
    changed_by: user_id,
    cause_id,
    ...(ip_address !== undefined && { ip_address }),
    ...(session_id !== undefined && { session_id }),
    ...(reason !== undefined && { reason }),
  };
}
