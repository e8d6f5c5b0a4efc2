import { captureSlotOf, reportCoverage, type TableCoverage } from '@infratraq/capture';
import { InfratraqError } from '@infratraq/kernel';
import { connectPostgres } from '@infratraq/postgres';
import { Command } from 'commander';
import { requirePostgresUrl } from '../find-addresses.js';
import { formatTable } from '../format-table.js';

/** Changes of some tables are missed. */
export class CoverageError extends InfratraqError {
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
    .option('--json', 'as JSON')
    .action(async ({ check, json }: { check?: boolean; json?: boolean }) => {
      const tables = await readCoverage(await requirePostgresUrl(source));
      process.stdout.write(json ? `${JSON.stringify(tables)}\n` : formatTable(layOut(tables)));
      const broken = tables.filter(({ state }) => state === 'broken');
      if (check && broken.length > 0) throw new CoverageError(broken);
    });
  return command;
}

async function readCoverage(url: string): Promise<TableCoverage[]> {
  const postgres = await connectPostgres({ url });
  try {
    return await reportCoverage(postgres, { slot: captureSlotOf(url) });
  } finally {
    await postgres.close();
  }
}

function layOut(tables: readonly TableCoverage[]): string[][] {
  return [
    ['TABLE', 'STATE', 'REASON'],
    ...tables.map(({ table, state, reason = '-' }) => [table, state, reason]),
  ];
}
