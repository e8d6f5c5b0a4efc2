import { decide, InvalidInputError, isTrait, traits, type Decision } from '@infratraq/kernel';
import { Command } from 'commander';
import { jsonOption, print } from '../output/print.js';
import { formatTable } from '../output/format-table.js';

/** `infratraq decide`: asks the decision framework where data with these traits belongs. */
export function decideCommand(): Command {
  return new Command('decide')
    .description('ask the decision framework where data belongs; without traits, list them')
    .argument('[traits...]', 'what is true of the data')
    .option(...jsonOption)
    .action((names: string[], { json }: { json?: boolean }) => {
      if (names.length === 0) return print(traits, json, () => formatTable(listTraits()));
      const decision = decide(names.map(parseTrait));
      print(decision, json, () => format(decision));
    });
}

function listTraits(): string[][] {
  return [
    ['TRAIT', 'STORE', 'BECAUSE'],
    ...Object.entries(traits).map(([name, { store, reason }]) => [name, store, reason]),
  ];
}

function parseTrait(name: string) {
  if (isTrait(name)) return name;
  throw new InvalidInputError(`${name} is no trait; "infratraq decide" lists them`, {
    code: 'trait.unknown',
  });
}

function format({ store, reasons, against, violations }: Decision): string {
  const lines = [
    store,
    ...reasons.map((reason) => `  because ${reason}`),
    ...against.map((reason) => `  although ${reason}`),
    ...violations.map(({ rule }) => `  in MongoDB it would break: ${rule}`),
  ];
  return `${lines.join('\n')}\n`;
}
