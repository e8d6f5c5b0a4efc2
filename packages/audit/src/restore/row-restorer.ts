import { nameEntityType } from '@infratraq/capture';
import { createHmac } from 'node:crypto';
import { ConflictError, currentActor, ForbiddenError, type EntityReference } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import type { OpenTransaction, Postgres } from '@infratraq/postgres';
import { z } from 'zod';
import { checkInput, entitySchema, nameSchema, reasonSchema } from '../history/audit-input.js';
import type { Mask } from '../sensitive/mask-value.js';
import { readDeclarations, type Declarations, type SensitiveFields } from '../sensitive/sensitive-fields.js';
import { compareRow } from './compare-row.js';
import { describeConflicts } from './describe-conflicts.js';
import { findVersion, type VersionSelector } from './find-version.js';
import { queryWithin } from './query-rows.js';
import { readTable } from './read-table.js';
import type { RestorePlan } from './restore-plan.js';
import { writeStatement } from './write-statement.js';

/** What restoring works with. */
export interface RowRestorerOptions {
  readonly models: Models;
  readonly postgres: Postgres;
  readonly fields: SensitiveFields;
  readonly mask: Mask;
  /** Keys plan ids, so that masked values cannot be guessed from an id. */
  readonly key: string;
}

/** The plan to apply, and the reason. */
export interface RestoreOrder {
  readonly plan_id: string;
  /** Why the row is restored; kept on the changes that follow. */
  readonly reason: string;
}

const planSchema = entitySchema.extend({ at: z.date().optional(), change_id: nameSchema.optional() });
const orderSchema = z.object({ plan_id: z.string().min(1).max(100), reason: reasonSchema });

/** The row has changed since the plan was made. */
export class StalePlanError extends ConflictError {
  constructor() {
    super(
      'The row has changed since this plan was made; look at a new plan and decide anew',
      'audit.plan-stale',
    );
  }
}

interface PreparedPlan {
  readonly plan: RestorePlan;
  /** As it runs, with nothing masked. */
  readonly statements: readonly string[];
}

/** Restores rows to earlier versions: make a plan, then apply that plan. */
export class RowRestorer {
  readonly #options: RowRestorerOptions;

  constructor(options: RowRestorerOptions) {
    this.#options = options;
  }

  /**
   * Plans restoring a row to a version, and changes nothing.
   * @throws NotFoundError, ConflictError and InvalidInputError of `findVersion`, `readTable` and `compareRow`
   * @throws ForbiddenError `audit.restore-own-table`
   */
  async plan(entity: EntityReference, selector: VersionSelector): Promise<RestorePlan> {
    checkInput(planSchema, { ...entity, ...selector });
    const declarations = await readDeclarations(this.#options.fields);
    return this.#options.postgres.transaction(
      async (transaction) => (await this.#prepare(transaction, entity, selector, declarations)).plan,
    );
  }

  /**
   * Applies a plan, in one transaction with the current actor and the reason.
   * @throws StalePlanError `audit.plan-stale`
   * @throws ConflictError `audit.restore-blocked`, or `audit.restore-refused` when a constraint or a missing right
   * forbids it
   */
  async apply(
    entity: EntityReference,
    selector: VersionSelector,
    { plan_id, reason }: RestoreOrder,
  ): Promise<RestorePlan> {
    checkInput(planSchema, { ...entity, ...selector });
    checkInput(orderSchema, { plan_id, reason });
    const declarations = await readDeclarations(this.#options.fields);
    return this.#options.postgres.transaction(
      async (transaction) => {
        const { plan, statements } = await this.#prepare(transaction, entity, selector, declarations);
        if (plan.plan_id !== plan_id) throw new StalePlanError();
        const blocking = plan.conflicts.filter((conflict) => conflict.blocking);
        if (blocking.length > 0)
          throw new ConflictError(blocking.map(({ detail }) => detail).join('; '), 'audit.restore-blocked');
        const query = queryWithin(transaction);
        for (const statement of statements) {
          const rows = await query(`${statement} returning 1`).catch(refuseConstraint);
          if (rows.length !== 1) throw new StalePlanError();
        }
        return plan;
      },
      { reason },
    );
  }

  async #prepare(
    transaction: OpenTransaction,
    entity: EntityReference,
    selector: VersionSelector,
    declarations: Declarations,
  ): Promise<PreparedPlan> {
    const { models, mask, key } = this.#options;
    const version = await findVersion(models, entity, selector);
    if (version.schema_name === 'infratraq' && !currentActor()?.roles.includes('admin'))
      throw new ForbiddenError(
        "This product's own tables, which hold roles and keys, are restored by administrators alone",
        'audit.restore-own-table',
      );
    const query = queryWithin(transaction);
    const table = await readTable(query, version.schema_name, version.table_name);
    const compared = await compareRow(query, table, version);
    const conflicts = await describeConflicts(models, entity, { query, version, table, compared });
    const masked = declarations.of(
      entity.entity_type,
      nameEntityType({ schema: version.schema_name, table: version.table_name }),
    );
    const show = (column: string, value: string | null) => {
      const masking = masked.get(column);
      return masking === undefined ? value : mask(value, masking);
    };
    const statement = writeStatement(table, compared, ({ literal }) => literal);
    const statements = statement === undefined ? [] : [statement];
    const shown = writeStatement(table, compared, ({ name, literal, restored }) =>
      masked.has(name) ? `'${show(name, restored) ?? 'null'}'` : literal,
    );
    const identity = { ...entity, change_id: version.change_id, statements, now: compared.fingerprint };
    const plan: RestorePlan = {
      plan_id: createHmac('sha256', key)
        .update(`restore plan\n${JSON.stringify(identity)}`)
        .digest('hex'),
      entity_type: entity.entity_type,
      entity_id: entity.entity_id,
      change_id: version.change_id,
      action: statement === undefined ? 'none' : compared.exists ? 'update' : 'insert',
      statements: shown === undefined ? [] : [shown],
      differences: compared.columns
        .filter(({ differs, isGenerated }) => differs && !isGenerated)
        .map(({ name, current, restored }) => ({
          column: name,
          current: show(name, current),
          restored: show(name, restored),
        })),
      conflicts,
    };
    return { plan, statements };
  }
}

/** What constraints and triggers forbid; PostgreSQL's message names the constraint, or is the trigger's own. */
function refuseConstraint(error: unknown): never {
  if (error instanceof Error && /^(23|P0)/.test((error as { code?: string }).code ?? ''))
    throw new ConflictError(
      `PostgreSQL does not take the row back: ${error.message}`,
      'audit.restore-refused',
    );
  throw error;
}
