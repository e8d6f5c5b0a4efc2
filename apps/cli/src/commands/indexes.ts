import { InfratraqError } from '@infratraq/kernel';
import {
  applyIndexes,
  connectMongo,
  detectDrift,
  findBuild,
  formatIndexAction,
  planIndexes,
  type BuildProgress,
  type IndexPlan,
  type Mongo,
} from '@infratraq/mongo';
import { store } from '@infratraq/store';
import { Command } from 'commander';
import { jsonOption, print } from '../output/print.js';
import { requireMongodbUri } from '../connections/find-addresses.js';

const classes = store.collections.map((definition) => definition.class);

/** The database has indexes other than the policies declare. */
class IndexDriftError extends InfratraqError {
  constructor(differences: number) {
    super('indexes.drift', `${differences} differences; "infratraq indexes apply --prune" removes them`);
  }
}

/** `infratraq indexes`: compares the live indexes with the policies and brings them in line. */
export function indexesCommand(source: NodeJS.ProcessEnv): Command {
  const command = new Command('indexes').description(
    'compare indexes with the policies, and bring them in line',
  );
  const withMongo = async (work: (mongo: Mongo) => Promise<void>): Promise<void> => {
    const mongo = await connectMongo({ uri: await requireMongodbUri(source), appName: 'infratraq indexes' });
    try {
      await work(mongo);
    } finally {
      await mongo.close();
    }
  };
  command
    .command('plan')
    .description('print what apply would do')
    .option('--prune', 'also drop indexes that no policy declares')
    .option(...jsonOption)
    .action(({ prune = false, json }: { prune?: boolean; json?: boolean }) =>
      withMongo(async ({ connection }) => write(await planIndexes(connection, classes, { prune }), json)),
    );
  command
    .command('apply')
    .description('create indexes and change lives, one process at a time; prints how far a build is')
    .option('--prune', 'also drop indexes that no policy declares')
    .option(...jsonOption)
    .action(({ prune = false, json }: { prune?: boolean; json?: boolean }) =>
      withMongo(async ({ connection }) =>
        write(await applyIndexes(connection, classes, { prune, onProgress: report }), json),
      ),
    );
  command
    .command('drift')
    .description('fail when live indexes differ from the policies')
    .option(...jsonOption)
    .action(({ json }: { json?: boolean }) =>
      withMongo(async ({ connection }) => {
        const build = await findBuild(connection);
        if (build) report(build);
        const drift = await detectDrift(connection, classes);
        write(drift, json);
        if (drift.actions.length > 0) throw new IndexDriftError(drift.actions.length);
      }),
    );
  return command;
}

/** On standard error: standard output is for the result. */
function report({ collection, index, started_at, done, total }: BuildProgress): void {
  const share = done !== null && total ? `, ${Math.floor((100 * done) / total)} %` : '';
  process.stderr.write(`building ${collection}.${index} since ${started_at.toISOString()}${share}\n`);
}

function write({ actions, unsupported }: IndexPlan, json: boolean | undefined): void {
  const lines = [
    ...actions.map(formatIndexAction),
    ...unsupported.map(
      ({ collection, index, reason }) => `unsupported ${collection}.${index.name}: ${reason}`,
    ),
    ...(actions.length === 0 ? ['nothing to do'] : []),
  ];
  print({ actions, unsupported }, json, () => `${lines.join('\n')}\n`);
}
