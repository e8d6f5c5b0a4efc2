import {
  changelogTarget,
  countedChanges,
  createMongoChangeSink,
  deadLetterTargetOf,
  describeConsumers,
  listRefusedChanges,
  replayChanges,
  replayRefusedChanges,
  rewindConsumer,
  type ConsumerDescription,
} from '@infratraq/capture';
import { DeadLetterEvent, DeadLetters } from '@infratraq/integration';
import { InfratraqError, InvalidInputError } from '@infratraq/kernel';
import { bindModels, type Mongo } from '@infratraq/mongo';
import type { Command } from 'commander';
import { formatTable } from '../../output/format-table.js';
import { withDatabases, withPostgres, type ConnectedDatabases } from '../../connections/with-databases.js';
import { jsonOption, print } from '../../output/print.js';

/** The changelog took not all that it had refused before. */
class StillRefusedError extends InfratraqError {
  constructor(refused: number) {
    super(
      'capture.still-refused',
      `The changelog refused ${refused} changes again; "infratraq capture refused" says why`,
    );
  }
}

interface ReplayOptions {
  from?: string;
  deadLetters?: boolean;
  json?: boolean;
}

/** Adds `consumers` and `replay`: who follows the changes, and how to give changes again. */
export function addConsumerCommands(command: Command, source: NodeJS.ProcessEnv): void {
  command
    .command('consumers')
    .description('list who follows the changes: position, lag and dead letters')
    .option(...jsonOption)
    .action(({ json }: { json?: boolean }) =>
      withDatabases(source, async ({ postgres, mongo, names }) => {
        const described = await describeConsumers(postgres, mongo.connection, names);
        const consumers: ListedConsumer[] = [];
        const letters = openLetters(mongo);
        for (const one of described)
          consumers.push({ ...one, dead_letters: await letters.countOpen(deadLetterTargetOf(one.name)) });
        print(consumers, json, () => formatTable(layOut(consumers)));
      }),
    );
  command
    .command('refused')
    .description('list the changes that the changelog refused, and why; "replay changelog" offers them again')
    .option(...jsonOption)
    .action(({ json }: { json?: boolean }) =>
      withPostgres(source, async ({ postgres }) => {
        const refused = await listRefusedChanges(postgres);
        print(refused, json, () =>
          formatTable([
            ['CHANGE', 'TABLE', 'REFUSED', 'TIMES', 'REASON'],
            ...refused.map((one) => [
              one.change_id,
              one.entity_type,
              one.refused_at.toISOString(),
              String(one.attempts),
              one.reason,
            ]),
          ]),
        );
      }),
    );
  command
    .command('replay <consumer>')
    .description(
      'give a consumer changes again: from one or from a time on, or those it did not take; the changelog is a consumer, too',
    )
    .option('--from <time|id>', 'from this time (ISO 8601) or the change with this id on')
    .option('--dead-letters', 'those that it did not take, each once')
    .option(...jsonOption)
    .action((consumer: string, { from, deadLetters, json }: ReplayOptions) =>
      withDatabases(source, async ({ postgres, mongo, names }) => {
        if ((from === undefined) === (deadLetters === undefined))
          throw new InvalidInputError('Say what to replay: either --from <time|id> or --dead-letters');
        if (consumer === 'changelog') {
          if (from !== undefined)
            throw new InvalidInputError('The changelog has all but what it refused: give it --dead-letters');
          return replayRefused({ postgres, mongo }, json);
        }
        if (from !== undefined) {
          const position = await rewindConsumer(postgres, mongo.connection, {
            ...names,
            consumer,
            from: readStart(from),
          });
          return print({ consumer, position }, json, () => `${consumer} goes on after ${position}\n`);
        }
        const changeIds = await openLetters(mongo).listOpenPositions(deadLetterTargetOf(consumer));
        await replayChanges(postgres, { ...names, consumer, changeIds });
        print(
          { consumer, changes: changeIds.length },
          json,
          () => `${consumer} is given ${changeIds.length} changes again\n`,
        );
      }),
    );
}

/** Letters are settled before a change is forgotten, so that ending in the middle leaves nothing open. */
async function replayRefused(
  { postgres, mongo }: Pick<ConnectedDatabases, 'postgres' | 'mongo'>,
  json: boolean | undefined,
): Promise<void> {
  const letters = openLetters(mongo);
  const letterOf = (change: string) => ({ target: changelogTarget, source_position: change });
  const { replayed, refused } = await replayRefusedChanges({
    postgres,
    sink: createMongoChangeSink(mongo.connection),
    onReplayed: (change) => letters.settle(letterOf(change), 'infratraq capture replay'),
    onRefused: (change, { code, reason }) => letters.noteRefusal(letterOf(change), { code, message: reason }),
  });
  print({ replayed, refused }, json, () => `the changelog has taken ${replayed} changes\n`);
  if (refused > 0) throw new StillRefusedError(refused);
}

type ListedConsumer = ConsumerDescription & { dead_letters: number };

function layOut(consumers: readonly ListedConsumer[]): string[][] {
  return [
    ['CONSUMER', 'POSITION', 'WAITING', 'LAG', 'DEAD LETTERS', 'STATE'],
    ...consumers.map(({ name, position, lag_changes, lag_seconds, dead_letters, active, fault }) => [
      name,
      position || '-',
      lag_changes < countedChanges ? String(lag_changes) : `${countedChanges} or more`,
      `${Math.round(lag_seconds)} s`,
      String(dead_letters),
      fault !== null ? `fault: ${fault}` : active === null ? 'nobody runs it' : `active (${active.pid})`,
    ]),
  ];
}

function openLetters({ connection }: Mongo): DeadLetters {
  return new DeadLetters(bindModels(connection, [DeadLetterEvent]));
}

/** An id has its parts apart by colons and begins with 12 hexadecimal digits; anything else must be a time. */
function readStart(from: string): string | Date {
  if (/^[0-9a-f]{12}:[0-9a-f]{16}:[0-9a-f]{8}$/.test(from)) return from;
  const time = new Date(from);
  if (Number.isNaN(time.getTime()))
    throw new InvalidInputError(`${from} is neither a time (2026-01-31T12:00:00Z) nor the id of a change`);
  return time;
}
