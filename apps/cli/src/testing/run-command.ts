import { createProgram } from '../program.js';
import { reportFailure } from '../output/report-failure.js';

/** What a command has printed, and the status that its process would end with. */
export interface CommandOutcome {
  readonly out: string;
  readonly error: string;
  readonly status: number;
}

/** Runs a command with settings of its own, in this process: to start one for each takes longer than the command. */
export async function runCommand(words: string, source: NodeJS.ProcessEnv): Promise<CommandOutcome> {
  const printed = { stdout: '', stderr: '' };
  const { stdout, stderr } = process;
  const writes = [stdout.write, stderr.write] as const;
  stdout.write = (text) => (printed.stdout += String(text)) !== undefined;
  stderr.write = (text) => (printed.stderr += String(text)) !== undefined;
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await createProgram(source).parseAsync(words.split(' '), { from: 'user' }).catch(reportFailure);
    return { out: printed.stdout, error: printed.stderr, status: Number(process.exitCode) };
  } finally {
    [stdout.write, stderr.write] = writes;
    process.exitCode = before;
  }
}
