import type { FieldMasking } from '../collections/field-audit-log.js';

/** A column that is declared sensitive, and how its values are masked. */
export interface DeclaredField {
  /** As changes name the table (`entity_type`). */
  readonly table_name: string;
  readonly column_name: string;
  readonly masking: FieldMasking;
}

/** Tells which columns are sensitive at this moment: PostgreSQL, in the composed server. */
export interface SensitiveFields {
  list(): Promise<readonly DeclaredField[]>;
}

/** A declaration with what was said about it. */
export interface StatedField extends DeclaredField {
  readonly reason: string;
  readonly declared_at: Date;
}

/** Where declarations are made; what is declared or withdrawn counts at once, in every process. */
export interface SensitiveFieldKeeper extends SensitiveFields {
  list(): Promise<readonly StatedField[]>;
  /**
   * Declares a column sensitive, or changes how it is masked and why.
   * @throws InvalidInputError `audit.table-unknown`, `audit.column-unknown`, `audit.column-is-key`
   */
  declare(declaration: {
    /** As SQL names it; `public` is meant where it has no schema. */
    readonly table: string;
    readonly column: string;
    /** @default 'partial' */
    readonly masking?: FieldMasking;
    /** Why it is sensitive. */
    readonly reason: string;
  }): Promise<StatedField>;
  /** @throws NotFoundError `audit.field-not-declared` */
  withdraw(table: string, column: string, reason: string): Promise<void>;
}

/** How the sensitive columns of each table are masked. */
export class Declarations {
  readonly #byTable = new Map<string, Map<string, FieldMasking>>();

  constructor(fields: readonly DeclaredField[]) {
    for (const { table_name, column_name, masking } of fields) {
      const columns = this.#byTable.get(table_name) ?? new Map<string, FieldMasking>();
      this.#byTable.set(table_name, columns.set(column_name, masking));
    }
  }

  /**
   * Maskings by column; empty for a table without a sensitive one. Of a table with several names, a column that they
   * declare otherwise shows nothing.
   */
  of(...names: readonly string[]): ReadonlyMap<string, FieldMasking> {
    const maskings = new Map<string, FieldMasking>();
    for (const name of new Set(names))
      for (const [column, masking] of this.#byTable.get(name) ?? [])
        maskings.set(column, (maskings.get(column) ?? masking) === masking ? masking : 'full');
    return maskings;
  }
}

/** Reads the declarations as they are now. */
export async function readDeclarations(fields: SensitiveFields): Promise<Declarations> {
  return new Declarations(await fields.list());
}
