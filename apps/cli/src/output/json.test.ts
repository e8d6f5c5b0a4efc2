import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { captureSlotOf, prepareCapture, removeCapture } from '@infratraq/capture';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { connectPostgres, migrate, type Postgres } from '@infratraq/postgres';
import { migrations } from '@infratraq/server/migrations';
import type { Command } from 'commander';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProgram } from '../program.js';
import { runCommand } from '../testing/run-command.js';

const listCommands = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(listCommands);

it('every command prints one JSON document when asked to', () => {
  const without = listCommands(createProgram({}))
    .filter(({ options }) => !options.some(({ long }) => long === '--json'))
    .map((command) => command.name());
  expect(without).toEqual([]);
});

describe('with databases', () => {
  let databases: TestDatabases;
  let postgres: Postgres;
  let folder: string;
  beforeAll(async () => {
    databases = await createTestDatabases();
    folder = await mkdtemp(join(tmpdir(), 'infratraq-command-'));
    postgres = await connectPostgres({ url: databases.postgresUrl });
    await migrate(postgres, migrations);
    await postgres.pool.query('create table parcels (parcel_id int primary key, owner text)');
    await prepareCapture(postgres, { slot: captureSlotOf(databases.postgresUrl) });
  });
  afterAll(async () => {
    await removeCapture(postgres, { slot: captureSlotOf(databases.postgresUrl) });
    await postgres.close();
    await databases.drop();
    await rm(folder, { recursive: true });
  });
  const run = (words: string) => {
    const { mongodbUri: MONGODB_URI, postgresUrl: POSTGRES_URL } = databases;
    return runCommand(words, { MONGODB_URI, POSTGRES_URL, DATA_DIR: folder });
  };

  it.each([
    'decide',
    'decide append-only',
    'collections',
    'indexes plan',
    'indexes apply --prune',
    'indexes drift',
    'doctor',
    'capture coverage',
    'capture status',
    'capture plan',
    'capture prepare',
    'capture exclude parcels --reason a-test',
    'capture include parcels',
    'capture snapshot parcels',
    'capture snapshot --progress',
    'capture consumers',
    'capture refused',
    'capture replay changelog --dead-letters',
    'audit history parcels 1',
    'audit verify',
    'audit sensitive declare parcels owner --reason a-test',
    'audit sensitive list',
    'audit sensitive withdraw parcels owner --reason a-test',
    'events replay',
  ])('%s prints one JSON document on standard output', async (words) => {
    const { out, status } = await run(`${words} --json`);
    expect(JSON.parse(out)).toEqual(expect.anything());
    expect([out.split('\n').length, status]).toEqual([2, 0]);
  });

  it.each([
    'audit history no_such_table 1',
    'events replay --collection no_such_table',
    'capture snapshot no_such_table',
    'capture exclude no_such_table --reason a-test',
    'capture include no_such_table',
    'audit sensitive declare no_such_table owner --reason a-test',
    'collections --category no_such_category',
  ])('%s fails, and says so on standard error', async (words) => {
    const name = /no_such_\w+/.exec(words)?.[0];
    expect(await run(words)).toEqual({ status: 1, out: '', error: expect.stringContaining(name as string) });
  });
});
