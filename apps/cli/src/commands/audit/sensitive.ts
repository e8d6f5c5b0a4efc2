import { fieldMaskings, type FieldMasking, type StatedField } from '@infratraq/audit';
import { createSensitiveFieldRepository } from '@infratraq/audit/postgres';
import { Option, type Command } from 'commander';
import { formatTable } from '../../output/format-table.js';
import { withPostgres } from '../../connections/with-databases.js';
import { jsonOption, print } from '../../output/print.js';
import { asPerson } from '../../connections/as-person.js';

interface WithdrawOptions {
  reason: string;
  as?: string;
  json?: boolean;
}

type DeclareOptions = WithdrawOptions & { masking: FieldMasking };

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
    .option(...jsonOption)
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
    .option(...jsonOption)
    .action((table: string, column: string, options: DeclareOptions) =>
      withPostgres(source, async ({ postgres }) => {
        const { reason, as, masking, json } = options;
        const repository = createSensitiveFieldRepository(postgres);
        const declared = await asPerson(as, () => repository.declare({ table, column, masking, reason }));
        print(declared, json, () => formatTable(layOut([declared])));
      }),
    );
  command
    .command('withdraw <table> <column>')
    .description('mask a column no longer')
    .requiredOption('--reason <text>', 'why')
    .option('--as <user>', 'who withdraws it, for the audit trail; the user of this shell unless told')
    .option(...jsonOption)
    .action((table: string, column: string, { reason, as, json }: WithdrawOptions) =>
      withPostgres(source, async ({ postgres }) => {
        const repository = createSensitiveFieldRepository(postgres);
        await asPerson(as, () => repository.withdraw(table, column, reason));
        print(
          { table_name: table, column_name: column },
          json,
          () => `${table}.${column} is masked no longer\n`,
        );
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
