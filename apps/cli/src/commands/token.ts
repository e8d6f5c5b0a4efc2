import { roles, type Role } from '@infratraq/kernel';
import { Argument, Command, Option } from 'commander';
import { jsonOption, print } from '../output/print.js';
import { ApiClient } from '../connections/api-client.js';
import { requireServer } from '../connections/find-addresses.js';

/** `infratraq token`: prints a bearer token of the running development server. */
export function tokenCommand(source: NodeJS.ProcessEnv): Command {
  return new Command('token')
    .description('print a bearer token for a user of the running development server')
    .addArgument(new Argument('[user]', 'user id').default('u-operator-1'))
    .addOption(
      new Option('--roles <roles...>', 'roles of the user')
        .choices(roles)
        .default(['operator', 'auditor', 'member']),
    )
    .option(...jsonOption)
    .action(async (user: string, { roles: granted, json }: { roles: Role[]; json?: boolean }) => {
      const { url } = await requireServer(source);
      const token = await new ApiClient(url).requestToken(user, granted);
      print({ token }, json, () => `${token}\n`);
    });
}
