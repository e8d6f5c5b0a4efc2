import { Command } from 'commander';
import { jsonOption, print } from '../output/print.js';
import { requireServer } from '../connections/find-addresses.js';

/** `infratraq urls`: prints where the server and its databases answer, so that any client can look. */
export function urlsCommand(source: NodeJS.ProcessEnv): Command {
  return new Command('urls')
    .description('print the addresses of the running server and its databases')
    .option(...jsonOption)
    .action(async ({ json }: { json?: boolean }) => {
      const { url, mongodbUri, postgresUrl } = await requireServer(source);
      const addresses = { URL: url, MONGODB_URI: mongodbUri, POSTGRES_URL: postgresUrl };
      const lines = Object.entries(addresses).map(([name, value]) => `${name}=${value}\n`);
      print(addresses, json, () => lines.join(''));
    });
}
