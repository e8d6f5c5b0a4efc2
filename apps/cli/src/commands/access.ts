import { Command } from 'commander';
import { ApiClient } from '../connections/api-client.js';
import { requireServer } from '../connections/find-addresses.js';
import { formatTable } from '../output/format-table.js';
import { jsonOption, print } from '../output/print.js';

interface AccessCoverage {
  readonly entity_type: string;
  readonly state: string;
  readonly paths: readonly string[];
}

const coveragePath = '/api/v1/access/coverage';

/** `infratraq access`: who may see the documents of which tables. */
export function accessCommand(source: NodeJS.ProcessEnv): Command {
  const command = new Command('access').description('look after who may see what');
  command
    .command('coverage')
    .description('list every table as scoped (by which paths), open to all members, or without a path')
    .option('--token <token>', "an operator's bearer token; a development server issues one itself")
    .option(...jsonOption)
    .action(async ({ token, json }: { token?: string; json?: boolean }) => {
      const { url } = await requireServer(source);
      const operator = token ?? (await new ApiClient(url).requestToken('u-operator-1', ['operator']));
      const { items } = await new ApiClient(url, operator).send<{ items: AccessCoverage[] }>(
        'GET',
        coveragePath,
      );
      print(items, json, () => formatTable(layOut(items)));
    });
  return command;
}

function layOut(tables: readonly AccessCoverage[]): string[][] {
  return [
    ['TABLE', 'STATE', 'PATHS'],
    ...tables.map(({ entity_type, state, paths }) => [entity_type, state, paths.join('; ') || '-']),
  ];
}
