import {
  describeSlot,
  excludeTable,
  includeTable,
  planCapture,
  prepareCapture,
  readSnapshotProgress,
  recoverLostSlot,
  requestSnapshot,
  runSnapshot,
  type CapturePlan,
  type SnapshotProgress,
} from '@infratraq/capture';
import { InvalidInputError } from '@infratraq/kernel';
import type { Command } from 'commander';
import { asPerson } from '../../as-person.js';
import { formatTable } from '../../format-table.js';
import { print, withPostgres } from '../../with-databases.js';

/** Adds what sets capture up, shows how it is, and mends it. */
export function addOperationCommands(command: Command, source: NodeJS.ProcessEnv): void {
  command
    .command('status')
    .description('show how far capture is, and how long PostgreSQL keeps the log for it')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: boolean }) =>
      withPostgres(source, async ({ postgres, names }) => {
        const slot = await describeSlot(postgres, names);
        const snapshots = await readSnapshotProgress(postgres, names);
        print({ ...slot, snapshots }, json, () => {
          const { leader, ...facts } = slot;
          const by = leader && `process ${leader.pid}, since ${leader.since.toISOString()}`;
          const lines = Object.entries({ ...facts, leader: by }).map(([name, value]) => [
            name,
            String(value ?? '-'),
          ]);
          return formatTable([['FACT', 'VALUE'], ...lines]) + formatProgress(snapshots);
        });
      }),
    );
  command
    .command('plan')
    .description('print what prepare would change in PostgreSQL, and whom that keeps waiting')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: boolean }) =>
      withPostgres(source, async ({ postgres, names }) => {
        const plan = await planCapture(postgres, names);
        print(plan, json, () => formatPlan(plan));
      }),
    );
  command
    .command('prepare')
    .description('set PostgreSQL up for capture; may be repeated')
    .action(() =>
      withPostgres(source, async ({ postgres, names }) => {
        const plan = await asPerson(undefined, () => prepareCapture(postgres, names));
        process.stdout.write(formatPlan(plan));
      }),
    );
  command
    .command('recover')
    .description('begin anew after the replication slot was lost, marking the gap in the changelog')
    .option('--accept-gap', 'what changed since the slot was lost stays unknown')
    .action(({ acceptGap }: { acceptGap?: boolean }) =>
      withPostgres(source, async ({ postgres, names }) => {
        if (!acceptGap)
          throw new InvalidInputError(
            'Changes since the slot was lost stay unknown: find out why it was, then add --accept-gap',
          );
        const plan = await asPerson(undefined, () => recoverLostSlot(postgres, names));
        process.stdout.write(formatPlan(plan));
        process.stdout.write('now read the tables again: infratraq capture snapshot\n');
      }),
    );
  command
    .command('exclude <table>')
    .description('leave a table out of capture')
    .requiredOption('--reason <text>', 'shown by coverage')
    .action((table: string, { reason }: { reason: string }) =>
      withPostgres(source, async ({ postgres, names }) => {
        const plan = await asPerson(undefined, () => excludeTable(postgres, { table, reason }, names));
        process.stdout.write(formatPlan(plan));
      }),
    );
  command
    .command('include <table>')
    .description('capture a table again that was left out')
    .action((table: string) =>
      withPostgres(source, async ({ postgres, names }) => {
        const plan = await asPerson(undefined, () => includeTable(postgres, table, names));
        process.stdout.write(formatPlan(plan));
        process.stdout.write(`now read it again: infratraq capture snapshot\n`);
      }),
    );
  addSnapshotCommand(command, source);
}

function addSnapshotCommand(command: Command, source: NodeJS.ProcessEnv): void {
  command
    .command('snapshot [tables...]')
    .description('read tables into the changelog: those that were asked for, or these (again)')
    .option('--all', 'all captured tables (again)')
    .option('--progress', 'only show how far it is')
    .action((tables: string[], { all, progress }: { all?: boolean; progress?: boolean }) =>
      withPostgres(source, async ({ postgres, url, names }) => {
        if (!progress && all) await requestSnapshot(postgres, names);
        else if (!progress && tables.length > 0) await requestSnapshot(postgres, { ...names, tables });
        if (!progress) {
          const done = new Map<string, number>();
          const rows = await runSnapshot({
            ...names,
            postgresUrl: url,
            onProgress: (step) => {
              done.set(step.table, (done.get(step.table) ?? 0) + step.rows);
              process.stderr.write(`${step.table}: ${done.get(step.table)} rows, ${step.state}\n`);
            },
          });
          process.stdout.write(`${rows} rows read\n`);
        }
        process.stdout.write(formatProgress(await readSnapshotProgress(postgres, names)));
      }),
    );
}

function formatPlan({ steps, exclusions }: CapturePlan): string {
  const lines = steps.flatMap(({ does, sql, locks }) => [
    does,
    ...(sql === undefined ? [] : [`  ${sql}`]),
    `  keeps waiting: ${locks}`,
  ]);
  for (const { schema, table, reason } of exclusions) lines.push(`leaves out ${schema}.${table}: ${reason}`);
  return `${steps.length === 0 ? ['nothing to change', ...lines].join('\n') : lines.join('\n')}\n`;
}

function formatProgress(snapshots: readonly SnapshotProgress[]): string {
  if (snapshots.length === 0) return '';
  return formatTable([
    ['SNAPSHOT OF', 'STATE', 'ROWS', 'ESTIMATED', 'LOCKED BY OTHERS'],
    ...snapshots.map(({ table, state, rows_done, estimated_rows, rows_skipped }) => [
      table,
      state,
      String(rows_done),
      String(estimated_rows),
      String(rows_skipped),
    ]),
  ]);
}
