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

/**
 * Every subcommand, and what it needs to show or change a document: the connection strings of the databases, or the
 * folder of a running server. Whoever has neither gets nothing.
 */
export const commands = [
  { create: tokenCommand, needs: 'server' },
  { create: urlsCommand, needs: 'server' },
  { create: collectionsCommand, needs: 'nothing' },
  { create: decideCommand, needs: 'nothing' },
  { create: indexesCommand, needs: 'databases' },
  { create: captureCommand, needs: 'databases' },
  { create: accessCommand, needs: 'server' },
  { create: auditCommand, needs: 'databases' },
  { create: eventsCommand, needs: 'databases' },
  { create: demoCommand, needs: 'server' },
  { create: doctorCommand, needs: 'nothing' },
] as const satisfies readonly {
  readonly create: (source: NodeJS.ProcessEnv) => Command;
  readonly needs: 'databases' | 'server' | 'nothing';
}[];

/** The command and its subcommands; each reads its settings from `source`. */
export function createProgram(source: NodeJS.ProcessEnv): Command {
  const program = new Command('infratraq')
    .description("The InfraTraq document store's command")
    .version('0.1.0');
  for (const { create } of commands) program.addCommand(create(source));
  return program;
}
