import { Command } from 'commander';
import { accessCommand } from './commands/access.js';
import { auditCommand } from './commands/audit.js';
import { captureCommand } from './commands/capture.js';
import { collectionsCommand } from './commands/collections.js';
import { decideCommand } from './commands/decide.js';
import { demoCommand } from './commands/demo.js';
import { doctorCommand } from './commands/doctor.js';
import { eventsCommand } from './commands/events.js';
import { indexesCommand } from './commands/indexes.js';
import { tokenCommand } from './commands/token.js';
import { urlsCommand } from './commands/urls.js';

/** The command and its subcommands; each reads its settings from `source`. */
export function createProgram(source: NodeJS.ProcessEnv): Command {
  const program = new Command('infratraq')
    .description("The InfraTraq document store's command")
    .version('0.1.0');
  for (const create of [
    tokenCommand,
    urlsCommand,
    collectionsCommand,
    decideCommand,
    indexesCommand,
    captureCommand,
    accessCommand,
    auditCommand,
    eventsCommand,
    demoCommand,
    doctorCommand,
  ])
    program.addCommand(create(source));
  return program;
}
