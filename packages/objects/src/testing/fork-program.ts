import { fork, type ChildProcess } from 'node:child_process';

/** Runs a program of this folder from source in a process of its own, that a test can kill. */
export function forkProgram(name: string, ...parameters: string[]): ChildProcess {
  return fork(new URL(name, import.meta.url), parameters, {
    execArgv: [
      '-C',
      '@infratraq/source',
      '--import',
      new URL('../../../../tools/swc-hooks.mjs', import.meta.url).href,
    ],
    // A test's own variables (credentials of the storage) are not the process's.
    env: process.env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}
