import { createEventReplay } from '@infratraq/ingest';
import { replayEvents, type LetterOutcome } from '@infratraq/integration';
import { store } from '@infratraq/store';
import { InfratraqError } from '@infratraq/kernel';
import { bindModels } from '@infratraq/mongo';
import { Command } from 'commander';
import { userInfo } from 'node:os';
import { formatTable } from '../output/format-table.js';
import { withDatabases } from '../connections/with-databases.js';
import { requireTable } from '../connections/require-table.js';
import { jsonOption, print } from '../output/print.js';

/** Collections refused events that were offered to them again. */
class EventsRefusedError extends InfratraqError {
  constructor(refused: number) {
    super('events.refused', `${refused} events are not stored; the list says why`);
  }
}

interface ReplayOptions {
  readonly collection?: string;
  readonly reason?: string;
  readonly apply?: boolean;
  readonly json?: boolean;
}

/** `infratraq events`: events that could not be recorded. */
export function eventsCommand(source: NodeJS.ProcessEnv): Command {
  const command = new Command('events').description('look after events that could not be recorded');
  command
    .command('replay')
    .description('list what would become of events that were refused; with --apply, store them')
    .option('--collection <name>', 'only those for this collection')
    .option('--reason <code>', 'only those with this reason, such as event.invalid')
    .option('--apply', 'store them, and settle their dead letters')
    .option(...jsonOption)
    .action(({ apply = false, json, ...selection }: ReplayOptions) =>
      withDatabases(source, async ({ mongo, postgres }) => {
        const classes = store.collections.map((definition) => definition.class);
        const models = bindModels(mongo.connection, classes);
        const outcomes: LetterOutcome[] = [];
        const run = { isDryRun: !apply, by: userInfo().username };
        const replayed = replayEvents(models, createEventReplay(models), selection, run);
        for await (const outcome of replayed) outcomes.push(outcome);
        const { collection } = selection;
        const isEmpty = outcomes.length === 0 && collection !== undefined;
        // Events are also stored in tables.
        if (isEmpty && !store.collections.some(({ name }) => name === collection))
          await requireTable(postgres, collection);
        print(outcomes, json, () => describe(outcomes, apply));
        const refused = outcomes.filter(({ outcome }) => outcome === 'refused').length;
        if (apply && refused > 0) throw new EventsRefusedError(refused);
      }),
    );
  return command;
}

function describe(outcomes: readonly LetterOutcome[], isApplied: boolean): string {
  const table = formatTable([
    ['DEAD LETTER', 'COLLECTION', 'SINCE', 'OUTCOME', 'REASON'],
    ...outcomes.map(({ id, collection, created_at, outcome, reason }) => [
      id,
      collection,
      created_at.toISOString(),
      outcome,
      reason,
    ]),
  ]);
  const storable = outcomes.filter(({ outcome }) => outcome === 'storable').length;
  return isApplied || storable === 0
    ? table
    : `${table}\nto store ${storable}: the same command with --apply\n`;
}
