import { roles, type Role } from '@infratraq/kernel';
import { Argument, Command, Option } from 'commander';
import { ApiClient } from '../api-client.js';
import { requireServer } from '../find-addresses.js';

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
    .action(async (user: string, { roles: granted }: { roles: Role[] }) => {
      const { url } = await requireServer(source);
      process.stdout.write(`${await new ApiClient(url).requestToken(user, granted)}\n`);
    });
}
