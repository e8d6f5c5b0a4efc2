import { expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commands } from './program.js';
import { runCommand } from './testing/run-command.js';

const { MONGODB_URI: _mongo, POSTGRES_URL: _postgres, ...settings } = process.env;

/** The words of every command below one, with a value for each argument that it needs. */
function listWords(command: Command, before: readonly string[] = []): string[] {
  const words = [...before, command.name()];
  if (command.commands.length > 0) return command.commands.flatMap((below) => listWords(below, words));
  const required = command.registeredArguments.filter((argument) => argument.required).map(() => 'projects');
  const options = command.options
    .filter(({ mandatory }) => mandatory)
    .flatMap(({ long, required: takesValue }) => [
      long ?? '',
      ...(takesValue ? ['2026-01-01T00:00:00Z'] : []),
    ]);
  return [[...words, ...required, ...options].join(' ')];
}

const lines = commands.flatMap(({ create, needs }) =>
  needs === 'nothing' ? [] : listWords(create(settings)).map((words) => [words, needs] as const),
);

it.each(lines)('%s shows and changes nothing without the addresses of %s', async (words) => {
  const directory = await mkdtemp(join(tmpdir(), 'infratraq-reach-'));
  const { out, error, status } = await runCommand(words, { ...settings, DATA_DIR: directory });
  await rm(directory, { recursive: true });
  expect([out, status]).toEqual(['', 1]);
  expect(error).toMatch(/No server runs with DATA_DIR/);
});
