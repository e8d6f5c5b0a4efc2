import { reportCoverage, type TableCoverage } from '@infratraq/capture';
import { InfratraqError } from '@infratraq/kernel';
import { Command } from 'commander';
import { formatTable } from '../output/format-table.js';
import { addConsumerCommands } from './capture/consumers.js';
import { addOperationCommands } from './capture/operations.js';
import { withPostgres } from '../connections/with-databases.js';
import { jsonOption, print } from '../output/print.js';

/** Changes of some tables are missed. */
class CoverageError extends InfratraqError {
  constructor(broken: readonly TableCoverage[]) {
    super(
      'capture.coverage',
      `${broken.length} tables are not captured whole: ${broken.map(({ table }) => table).join(', ')}`,
    );
  }
}

/** `infratraq capture`: what is captured from PostgreSQL. */
export function captureCommand(source: NodeJS.ProcessEnv): Command {
  const command = new Command('capture').description('look after change capture');
  command
    .command('coverage')
    .description('list every table as captured, excluded or broken')
    .option('--check', 'fail when a table is broken')
    .option(...jsonOption)
    .action(async ({ check, json }: { check?: boolean; json?: boolean }) => {
      const tables = await withPostgres(source, ({ postgres, names }) => reportCoverage(postgres, names));
      print(tables, json, () => formatTable(layOut(tables)));
      const broken = tables.filter(({ state }) => state === 'broken');
      if (check && broken.length > 0) throw new CoverageError(broken);
    });
  addOperationCommands(command, source);
  addConsumerCommands(command, source);
  return command;
}

function layOut(tables: readonly TableCoverage[]): string[][] {
  return [
    ['TABLE', 'STATE', 'REASON'],
    ...tables.map(({ table, state, reason = '-' }) => [table, state, reason]),
  ];
}
