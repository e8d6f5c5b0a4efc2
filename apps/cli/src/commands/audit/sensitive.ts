import { fieldMaskings, type FieldMasking, type StatedField } from '@infratraq/audit';
import { createSensitiveFieldRepository } from '@infratraq/audit/postgres';
import { Option, type Command } from 'commander';
import { formatTable } from '../../format-table.js';
import { print, withPostgres } from '../../with-databases.js';
import { asPerson } from '../../as-person.js';

/** Adds `sensitive`: which columns are masked wherever the audit trail is read. */
export function addSensitiveCommands(parent: Command, source: NodeJS.ProcessEnv): void {
  const command = parent
    .command('sensitive')
    .description(
      'list, declare and withdraw columns whose values are masked wherever the audit trail is read',
    );
  command
    .command('list', { isDefault: true })
    .description('list the columns that are declared sensitive')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: boolean }) =>
      withPostgres(source, async ({ postgres }) => {
        const declared = await createSensitiveFieldRepository(postgres).list();
        print(declared, json, () => formatTable(layOut(declared)));
      }),
    );
  command
    .command('declare <table> <column>')
    .description('declare a column sensitive, from now on and for what is stored already')
    .requiredOption('--reason <text>', 'why')
    .option('--as <user>', 'who declares it, for the audit trail; the user of this shell unless told')
    .addOption(
      new Option('--masking <how>', 'its outline, a digest that tells equality, or nothing of it')
        .choices(fieldMaskings)
        .default('partial'),
    )
    .action(
      (table: string, column: string, options: { reason: string; as?: string; masking: FieldMasking }) =>
        withPostgres(source, async ({ postgres }) => {
          const { reason, as, masking } = options;
          const repository = createSensitiveFieldRepository(postgres);
          const declared = await asPerson(as, () => repository.declare({ table, column, masking, reason }));
          process.stdout.write(formatTable(layOut([declared])));
        }),
    );
  command
    .command('withdraw <table> <column>')
    .description('mask a column no longer')
    .requiredOption('--reason <text>', 'why')
    .option('--as <user>', 'who withdraws it, for the audit trail; the user of this shell unless told')
    .action((table: string, column: string, { reason, as }: { reason: string; as?: string }) =>
      withPostgres(source, async ({ postgres }) => {
        const repository = createSensitiveFieldRepository(postgres);
        await asPerson(as, () => repository.withdraw(table, column, reason));
        process.stdout.write(`${table}.${column} is masked no longer\n`);
      }),
    );
}

function layOut(declared: readonly StatedField[]): string[][] {
  return [
    ['TABLE', 'COLUMN', 'MASKING', 'SINCE', 'REASON'],
    ...declared.map(({ table_name, column_name, masking, declared_at, reason }) => [
      table_name,
      column_name,
      masking,
      declared_at.toISOString(),
      reason,
    ]),
  ];
}
