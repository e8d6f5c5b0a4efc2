import { InfratraqError } from '@infratraq/kernel';
import { sql } from 'kysely';
import type { Postgres } from '../connection/connect-postgres.js';
import { liftLimits, withoutTimeLimits } from '../connection/time-limits.js';
import type { OpenTransaction } from '../transactions/open-transaction.js';
import type { MigrationList, MigrationStep } from './migration-list.js';
import { platformMigrations } from './platform-migrations.js';

/** A migration failed; the database is as it was before. */
export class MigrationFailedError extends InfratraqError {
  constructor(migration: string | undefined, cause: unknown) {
    super(
      'postgres.migration-failed',
      `Migration ${migration ?? '(while preparing)'} failed and was rolled back; see the cause, and run it again once that is solved`,
      { cause },
    );
  }
}

/** The lock of Kysely's migrator, by which earlier versions migrated: they and this one wait for each other. */
const lock = '3853314791062309107';

/**
 * Brings the schema `infratraq` up to date, the platform's tables first and then those of each owner, and answers the
 * names of the steps that ran. Steps of owners that are not listed stay as they are.
 *
 * Any number of processes may call it at once: one runs the steps, the others wait for it and find nothing to do. All
 * steps run in one transaction, which may take as long as it needs.
 *
 * @throws MigrationFailedError with the cause
 */
export async function migrate(
  { db }: Pick<Postgres, 'db'>,
  lists: readonly MigrationList[] = [],
): Promise<string[]> {
  const ran: string[] = [];
  let running: string | undefined;
  try {
    await withoutTimeLimits(() =>
      db.transaction().execute(async (transaction) => {
        await liftLimits(transaction);
        const done = await readDone(transaction);
        for (const list of [platformMigrations, ...lists]) {
          for (const step of list.steps)
            if (isDoneByFormerName(step, list, done)) await record(transaction, nameOf(list, step), done);
          requireKnownOrder(list, done);
          for (const step of list.steps) {
            const name = nameOf(list, step);
            if (done.has(name)) continue;
            running = name;
            await step.up(transaction);
            await record(transaction, name, done);
            ran.push(name);
          }
        }
        running = undefined;
      }),
    );
  } catch (error) {
    throw new MigrationFailedError(running, error);
  }
  return ran;
}

/** Reads which steps have run, and keeps other processes waiting until the transaction ends. */
async function readDone(transaction: OpenTransaction): Promise<Set<string>> {
  await sql`select pg_advisory_xact_lock(${sql.raw(lock)})`.execute(transaction);
  const { rows: found } = await sql<{ there: boolean }>`
    select to_regclass('infratraq.schema_migration') is not null as there`.execute(transaction);
  if (!found[0]?.there) {
    // PostgreSQL asks for the right to make schemas also where it is there.
    const { rows } = await sql<{ made: boolean }>`
      select to_regnamespace('infratraq') is not null as made`.execute(transaction);
    if (!rows[0]?.made) await sql`create schema infratraq`.execute(transaction);
    await sql`
      create table infratraq.schema_migration (
        name varchar(255) primary key,
        timestamp varchar(255) not null
      )`.execute(transaction);
  } else await sql`drop table if exists infratraq.schema_migration_lock`.execute(transaction);
  const { rows } = await sql<{ name: string }>`select name from infratraq.schema_migration`.execute(
    transaction,
  );
  return new Set(rows.map(({ name }) => name));
}

function isDoneByFormerName(step: MigrationStep, list: MigrationList, done: ReadonlySet<string>): boolean {
  return step.formerly !== undefined && done.has(step.formerly) && !done.has(nameOf(list, step));
}

async function record(transaction: OpenTransaction, name: string, done: Set<string>): Promise<void> {
  await sql`
    insert into infratraq.schema_migration (name, timestamp)
    values (${name}, ${new Date().toISOString()})`.execute(transaction);
  done.add(name);
}

function requireKnownOrder(list: MigrationList, done: ReadonlySet<string>): void {
  const own = [...done].filter((name) => name.startsWith(`${list.owner}/`));
  const first = new Set(list.steps.slice(0, own.length).map((step) => nameOf(list, step)));
  const unexpected = own.find((name) => !first.has(name));
  if (unexpected !== undefined)
    throw new InfratraqError(
      'postgres.migrations-unknown',
      `The database has migration ${unexpected}, which this version does not know or would run later; run the version that made it, or a newer one`,
      { status: 409 },
    );
}

const nameOf = ({ owner }: MigrationList, { name }: MigrationStep): string => `${owner}/${name}`;
