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
import { asPerson } from '../../connections/as-person.js';
import { formatTable } from '../../output/format-table.js';
import { withPostgres } from '../../connections/with-databases.js';
import { jsonOption, print, tell } from '../../output/print.js';

/** Adds what sets capture up, shows how it is, and mends it. */
export function addOperationCommands(command: Command, source: NodeJS.ProcessEnv): void {
  command
    .command('status')
    .description('show how far capture is, and how long PostgreSQL keeps the log for it')
    .option(...jsonOption)
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
    .option(...jsonOption)
    .action(({ json }: { json?: boolean }) =>
      withPostgres(source, async ({ postgres, names }) => {
        const plan = await planCapture(postgres, names);
        print(plan, json, () => formatPlan(plan));
      }),
    );
  command
    .command('prepare')
    .description('set PostgreSQL up for capture, as a superuser; may be repeated')
    .option('--role <name>', 'the role that the server runs as, which gets the rights that it needs')
    .option(...jsonOption)
    .action(({ role, json }: { role?: string; json?: boolean }) =>
      withPostgres(source, async ({ postgres, names }) => {
        const plan = await asPerson(undefined, () => prepareCapture(postgres, { ...names, role }));
        print(plan, json, () => formatPlan(plan));
      }),
    );
  command
    .command('recover')
    .description('begin anew after the replication slot was lost, marking the gap in the changelog')
    .option('--accept-gap', 'what changed since the slot was lost stays unknown')
    .option(...jsonOption)
    .action(({ acceptGap, json }: { acceptGap?: boolean; json?: boolean }) =>
      withPostgres(source, async ({ postgres, names }) => {
        if (!acceptGap)
          throw new InvalidInputError(
            'Changes since the slot was lost stay unknown: find out why it was, then add --accept-gap',
          );
        const plan = await asPerson(undefined, () => recoverLostSlot(postgres, names));
        print(plan, json, () => formatPlan(plan));
        tell('now read the tables again: infratraq capture snapshot');
      }),
    );
  command
    .command('exclude <table>')
    .description('leave a table out of capture')
    .requiredOption('--reason <text>', 'shown by coverage')
    .option(...jsonOption)
    .action((table: string, { reason, json }: { reason: string; json?: boolean }) =>
      withPostgres(source, async ({ postgres, names }) => {
        const plan = await asPerson(undefined, () => excludeTable(postgres, { table, reason }, names));
        print(plan, json, () => formatPlan(plan));
      }),
    );
  command
    .command('include <table>')
    .description('capture a table again that was left out')
    .option(...jsonOption)
    .action((table: string, { json }: { json?: boolean }) =>
      withPostgres(source, async ({ postgres, names }) => {
        const plan = await asPerson(undefined, () => includeTable(postgres, table, names));
        print(plan, json, () => formatPlan(plan));
        tell('now read it again: infratraq capture snapshot');
      }),
    );
  addSnapshotCommand(command, source);
}

interface SnapshotOptions {
  all?: boolean;
  progress?: boolean;
  json?: boolean;
}

function addSnapshotCommand(command: Command, source: NodeJS.ProcessEnv): void {
  command
    .command('snapshot [tables...]')
    .description('read tables into the changelog: those that were asked for, or these (again)')
    .option('--all', 'all captured tables (again)')
    .option('--progress', 'only show how far it is')
    .option(...jsonOption)
    .action((tables: string[], { all, progress, json }: SnapshotOptions) =>
      withPostgres(source, async ({ postgres, url, names }) => {
        if (!progress && all) await requestSnapshot(postgres, names);
        else if (!progress && tables.length > 0) await requestSnapshot(postgres, { ...names, tables });
        let rows = 0;
        if (!progress) {
          const done = new Map<string, number>();
          rows = await runSnapshot({
            ...names,
            postgresUrl: url,
            onProgress: (step) => {
              done.set(step.table, (done.get(step.table) ?? 0) + step.rows);
              tell(`${step.table}: ${done.get(step.table)} rows, ${step.state}`);
            },
          });
        }
        const snapshots = await readSnapshotProgress(postgres, names);
        print({ ...(!progress && { rows }), snapshots }, json, () =>
          progress ? formatProgress(snapshots) : `${rows} rows read\n${formatProgress(snapshots)}`,
        );
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
