#!/usr/bin/env node
// In a checkout the command runs from source, so that it is never older than the server; elsewhere from its build.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/main.js', import.meta.url);
const source = new URL('../src/main.ts', import.meta.url);

if (existsSync(source)) {
  const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
  const options = ['-C', '@infratraq/source', '--import', path('../../../tools/swc-hooks.mjs')];
  const command = spawn(process.execPath, [...options, fileURLToPath(source), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => command.kill(signal));
  command.on('exit', (code) => (process.exitCode = code ?? 1));
} else {
  await import(built.href);
}
