import type { RestorePlan } from '@infratraq/audit/restore';
import { InvalidInputError } from '@infratraq/kernel';
import type { Command } from 'commander';
import { formatTable } from '../../output/format-table.js';
import { jsonOption, print } from '../../output/print.js';
import { asPerson } from '../../connections/as-person.js';
import { readTime, withTrail } from './open-trail.js';

interface RestoreOptions {
  at?: string;
  change?: string;
  apply?: string;
  reason?: string;
  as?: string;
  json?: boolean;
}

/** Adds `restore`: a plan to bring a row back first, and then that plan. */
export function addRestoreCommand(command: Command, source: NodeJS.ProcessEnv): void {
  command
    .command('restore <type> <id>')
    .description('show the SQL that brings a row back to a version, or, with the plan shown, run it')
    .option('--at <time>', 'the row as it was then')
    .option('--change <id>', 'the row as this change left it, or, of a DELETE, as it was before')
    .option('--apply <plan>', 'run the plan with this id, if it is still what would be done')
    .option('--reason <text>', 'why; needed to run it, and kept in the audit trail')
    .option('--as <user>', 'who does it, for the audit trail; the user of this shell unless told')
    .option(...jsonOption)
    .action((entity_type: string, entity_id: string, options: RestoreOptions) =>
      withTrail(source, async ({ restorer }) => {
        const { at, change, apply, reason, as, json } = options;
        const entity = { entity_type, entity_id };
        const selector = {
          ...(at !== undefined && { at: readTime(at) }),
          ...(change !== undefined && { change_id: change }),
        };
        if (apply === undefined) {
          const plan = await asPerson(as, () => restorer.plan(entity, selector));
          return print(plan, json, () => layOut(plan) + describeNext(plan));
        }
        if (reason === undefined) throw new InvalidInputError('Say why the row is restored: --reason <text>');
        const plan = await asPerson(as, () => restorer.apply(entity, selector, { plan_id: apply, reason }));
        print({ ...plan, applied: true }, json, () => `${layOut(plan)}restored\n`);
      }),
    );
}

function layOut({ statements, differences, conflicts }: RestorePlan): string {
  const parts = [
    formatTable([
      ['COLUMN', 'NOW', 'RESTORED'],
      ...differences.map(({ column, current, restored }) => [column, current ?? 'NULL', restored ?? 'NULL']),
    ]),
    ...conflicts.map(
      ({ kind, detail, blocking }) => `${blocking ? 'blocked' : 'note'}: ${kind}: ${detail}\n`,
    ),
    ...statements.map((statement) => `${statement};\n`),
  ];
  return parts.join('\n');
}

function describeNext({ action, plan_id, conflicts }: RestorePlan): string {
  if (action === 'none') return 'nothing to restore: the row is as it was\n';
  if (conflicts.some(({ blocking }) => blocking)) return '\nthis plan cannot be applied\n';
  return `\nto run it: the same command with --apply ${plan_id} --reason "…"\n`;
}
