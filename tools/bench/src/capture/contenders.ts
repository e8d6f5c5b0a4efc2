import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provideDebezium } from './debezium.js';
import type { ContenderCommand } from './run-contender.js';

const folder = fileURLToPath(new URL('../..', import.meta.url));

export type ProgramName = 'ours' | 'minimal-loop' | 'raw-insert' | 'bare-write';

/** Everybody who is compared, by name. */
export interface Contenders {
  readonly program: (name: ProgramName) => ContenderCommand;
  /** Undefined where Java is not to be had. */
  readonly debezium: ((...options: string[]) => ContenderCommand) | undefined;
}

/** Builds what is measured, as it is shipped. */
export async function provideContenders(report: (line: string) => void): Promise<Contenders> {
  report('building what is measured');
  execFileSync('npx', ['tsc', '-b', join(folder, 'tsconfig.lib.json')], { stdio: 'inherit' });
  // As docs/guides/change-capture.md says to run a process that only captures.
  const options = (process.env['BENCH_NODE_ARGS'] ?? '--max-semi-space-size=1').split(' ').filter(Boolean);
  return {
    program: (name) => ({
      command: process.execPath,
      args: [...options, join(folder, 'dist', 'capture', 'programs', `${name}.js`)],
    }),
    debezium: await provideDebezium(report),
  };
}
