import { eventually } from '@infratraq/engines';
import pg from 'pg';
import type { Change, RowValue } from '../../encoding/change.js';
import { nameField } from '../../values/field-names.js';
import { readNamedTypes, renderLiteral } from '../../values/render-literal.js';
import type { CaptureBench } from '../open-capture-bench.js';
import type { OddStep } from './odd-steps.js';
import { oddTypes, type OddValue } from './odd-values.js';

interface OddTable {
  odd: OddValue;
  schema: string;
  table: string;
  column: string;
  identity: string;
}

/** Writes what is odd, something plain after each, and compares what PostgreSQL has with what was captured. */
export async function openOddityChecker(bench: CaptureBench) {
  for (const definition of oddTypes) await bench.query(definition);
  await bench.query('create table witness (id int generated always as identity primary key)');
  await bench.changelog.createIndex({ entity_type: 1, _id: 1 });
  const client = new pg.Client({ connectionString: bench.postgresUrl });
  await client.connect();
  let witnesses = 0;
  let schemas = 0;

  const witness = async () => {
    await client.query('insert into witness default values');
    witnesses += 1;
  };
  const awaitWitnesses = (withinMilliseconds: number) =>
    eventually(
      () => bench.changelog.countDocuments({ entity_type: 'witness' }),
      (count) => count === witnesses,
      { withinMilliseconds },
    );

  const run = async (step: OddStep): Promise<OddTable | undefined> => {
    if (step.kind === 'message') {
      const { transactional, prefix, content } = step;
      await client.query(
        `begin; select length(pg_logical_emit_message(${transactional}, ${prefix}, ${content})::text);
         insert into witness default values; commit`,
      );
      witnesses += 1;
      return undefined;
    }
    schemas += 1;
    const made = { ...step, schema: `odd_${schemas}` };
    await createTable(client, made);
    const [table, column] = [nameIn(made), pg.escapeIdentifier(made.column)];
    await client.query(`insert into ${table} (odd_id, ${column}) values (1, ${step.odd.sql});
      update ${table} set odd_other = 2; update ${table} set ${column} = ${step.odd.sql}`);
    return made;
  };

  return {
    /** Answers what was lost or is another value. */
    async check(steps: readonly OddStep[], withinMilliseconds = 20_000): Promise<unknown[]> {
      const tables: OddTable[] = [];
      for (const step of steps) {
        const table = await run(step);
        await witness();
        if (table !== undefined) tables.push(table);
      }
      await awaitWitnesses(withinMilliseconds);
      const problems: unknown[] = [];
      for (const table of tables) problems.push(...(await compare(bench, client, table)));
      await client.query('set client_min_messages = error');
      for (const { schema } of tables) await client.query(`drop schema ${schema} cascade`);
      return problems;
    },
    async close(): Promise<void> {
      await client.end();
    },
  };
}

const nameIn = ({ schema, table }: OddTable) => `${schema}.${pg.escapeIdentifier(table)}`;

/** Capture's own trigger would make the identity the full one. */
async function createTable(client: pg.ClientBase, made: OddTable): Promise<void> {
  const [table, column] = [nameIn(made), pg.escapeIdentifier(made.column)];
  const identity = made.identity === 'nothing' ? 'full' : made.identity;
  await client.query(`create schema ${made.schema}; set event_triggers = off;
    create table ${table} (odd_id int not null primary key, odd_other int, ${column} ${made.odd.type});
    create unique index odd_key on ${table} (odd_id);
    alter table ${table} replica identity ${identity}; reset event_triggers`);
}

async function compare(bench: CaptureBench, client: pg.ClientBase, made: OddTable): Promise<unknown[]> {
  const { schema, table, column, odd } = made;
  const changes = await bench.changelog
    .find({ schema_name: schema, table_name: table })
    .sort({ _id: 1 })
    .toArray();
  const where = { type: odd.type, sql: odd.sql.slice(0, 300), table, column, identity: made.identity };
  const operations = changes.map(({ operation }) => operation);
  if (operations.join() !== 'INSERT,UPDATE,UPDATE') return [{ ...where, operations }];
  const problems: unknown[] = [];
  for (const change of changes) {
    const state = await judge(client, made, change);
    if (state !== 'same') problems.push({ ...where, operation: change.operation, state });
  }
  return problems;
}

async function judge(client: pg.ClientBase, made: OddTable, change: Change): Promise<string> {
  const { column, odd } = made;
  const row = change.new_value as RowValue;
  const field = nameField(column);
  if (!Object.hasOwn(row, field)) return change.unchanged_fields?.includes(field) ? 'same' : 'missing';
  const value = row[field];
  if (change.omitted_fields?.includes(field)) {
    const { omitted_bytes } = value as { omitted_bytes?: number };
    return omitted_bytes === undefined || omitted_bytes > 1 << 20 ? 'same' : 'omitted though small';
  }
  const types = await readNamedTypes(client, [odd.type]);
  const cast = /^jsonb?$/.test(odd.type) && typeof value !== 'string' ? '::jsonb' : '::text';
  const { rows } = await client.query<{ same: boolean }>(
    `select ${renderLiteral(value, odd.type, types)}${cast} is not distinct from
     ${pg.escapeIdentifier(column)}${cast} as same from ${nameIn(made)}`,
  );
  return rows[0]?.same === true ? 'same' : 'another value';
}
