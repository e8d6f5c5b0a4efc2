import { proveChange, type Disclosure } from '@infratraq/audit';
import { Command } from 'commander';
import { asPerson } from '../connections/as-person.js';
import { jsonOption, print } from '../output/print.js';
import { addHistoryCommand } from './audit/history.js';
import { withTrail } from './audit/open-trail.js';
import { addRestoreCommand } from './audit/restore.js';
import { addSensitiveCommands } from './audit/sensitive.js';
import { addVerifyCommand } from './audit/verify.js';

/** `infratraq audit`: the audit trail; it asks both databases and the published seals, not the server. */
export function auditCommand(source: NodeJS.ProcessEnv): Command {
  const command = new Command('audit').description('read, restore from, verify and prove the audit trail');
  addVerifyCommand(command, source);
  command
    .command('prove <change>')
    .description('print a proof that a change is in the audit trail; check-audit-proof.mjs checks it')
    .option(
      '--unmasked',
      'also when the change holds sensitive values, which a proof cannot mask; it is recorded',
    )
    .option('--reason <text>', 'why the sensitive values have to be read')
    .option('--as <user>', 'who reads them; the user of this shell unless told')
    .option(...jsonOption)
    .action(
      async (change: string, { as, json, ...disclosure }: Disclosure & { as?: string; json?: boolean }) => {
        const proof = await withTrail(source, ({ models, keeper, reader }) =>
          asPerson(as, () =>
            proveChange(models, keeper, change, (values) => reader.admit(values, disclosure)),
          ),
        );
        print(proof, json, () => `${JSON.stringify(proof, null, 2)}\n`);
      },
    );
  addHistoryCommand(command, source);
  addRestoreCommand(command, source);
  addSensitiveCommands(command, source);
  return command;
}
