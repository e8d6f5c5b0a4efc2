import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { captureSlotOf, prepareCapture, removeCapture } from '@infratraq/capture';
import { connectMongo } from '@infratraq/mongo';
import { connectPostgres, migrate } from '@infratraq/postgres';
import { migrations } from '@infratraq/server/migrations';
import { store } from '@infratraq/store';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { runCommand } from './testing/run-command.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('the command', () => {
  let databases: TestDatabases;
  let directory: string;

  beforeAll(async () => {
    databases = await createTestDatabases();
    directory = await mkdtemp(join(tmpdir(), 'infratraq-command-'));
  });
  afterAll(async () => {
    await databases.drop();
    await rm(directory, { recursive: true });
  });

  const settingsWith = (settings: NodeJS.ProcessEnv = {}) => {
    const { NODE_OPTIONS: _options, MONGODB_URI: _uri, POSTGRES_URL: _url, ...inherited } = process.env;
    return { ...inherited, DATA_DIR: directory, ...settings };
  };
  const run = (words: string, settings?: NodeJS.ProcessEnv) => runCommand(words, settingsWith(settings));
  /** Runs it as a shell would, from source. */
  const runAlone = async (words: string) => {
    const child = spawn(
      process.execPath,
      [
        '-C',
        '@infratraq/source',
        '--import',
        './tools/swc-hooks.mjs',
        'apps/cli/src/main.ts',
        ...words.split(' '),
      ],
      { cwd: root, env: settingsWith(), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const [out, error, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { out, error, status: status as number };
  };
  const withDatabases = (words: string) =>
    run(words, { MONGODB_URI: databases.mongodbUri, POSTGRES_URL: databases.postgresUrl });

  it('asks the decision framework, with reasons and broken rules', async () => {
    const { out, status } = await runAlone('decide financial-data append-only');
    expect(status).toBe(0);
    expect(out.split('\n')[0]).toBe('postgresql');
    expect(out).toContain('Never store financial transactions in MongoDB');
    expect((await run('decide append-only nested-fields')).out.split('\n')[0]).toBe('mongodb');
    expect(await runAlone('decide round')).toMatchObject({
      status: 1,
      error: expect.stringContaining('trait.unknown'),
    });
  });

  it('lists every collection with its policy', async () => {
    const { out } = await run('collections --json');
    expect(JSON.parse(out)).toHaveLength(store.collections.length);
    expect((await run('collections --category audit')).out).toMatch(
      /entity_changelog +2 y to 7 y +before-expiry/,
    );
  });

  it('lists which tables are captured, and fails a check while some are not', async () => {
    const postgres = await connectPostgres({ url: databases.postgresUrl });
    try {
      await postgres.pool.query('create table parcels (parcel_id int primary key)');
      const before = await withDatabases('capture coverage --check');
      expect(before.status).toBe(1);
      expect(before.error).toContain('capture.coverage');
      expect(before.out).toMatch(/public\.parcels +broken +is in no publication/);
      const names = { slot: captureSlotOf(databases.postgresUrl) };
      await prepareCapture(postgres, names);
      const after = await withDatabases('capture coverage --check');
      expect(after.out).toMatch(/public\.parcels +captured/);
      expect(after.status).toBe(0);
      await removeCapture(postgres, names);
    } finally {
      await postgres.close();
    }
  });

  it('verifies the audit trail, fails on findings, and proves nothing that is not there', async () => {
    const postgres = await connectPostgres({ url: databases.postgresUrl });
    try {
      await migrate(postgres, migrations);
      const sound = await withDatabases('audit verify');
      expect(sound).toMatchObject({
        status: 0,
        out: expect.stringMatching(/^\d+ seals, .* 0 findings\n$/),
        error: '',
      });
      await postgres.pool.query(`
        insert into infratraq.audit_seal (sequence, first_id, last_id, change_count, merkle_root, previous_head,
          chain_head, sealed_at, packed_changes)
        values (1, 'a:1', 'a:2', 2, repeat('a', 64), repeat('0', 64), repeat('b', 64), now(), 'nonsense')`);
      const forged = await withDatabases('audit verify');
      expect(forged).toMatchObject({ status: 1, error: expect.stringContaining('audit.findings') });
      expect(forged.out).toMatch(/seal:altered +1 +- +its list of changes cannot be read/);
      const unknown = await withDatabases('audit prove a:1');
      expect(unknown).toMatchObject({ status: 1, error: expect.stringContaining('audit.change-unknown') });
    } finally {
      await postgres.pool.query('truncate infratraq.audit_seal');
      await postgres.close();
    }
  });

  it('names what was inserted, removed with its seal, and left unsealed, in words and as JSON', async () => {
    const postgres = await connectPostgres({ url: databases.postgresUrl });
    const mongo = await connectMongo({ uri: databases.mongodbUri });
    const changelog = mongo.connection.collection<{ _id: unknown; changed_at: Date }>('entity_changelog');
    const names = { slot: captureSlotOf(databases.postgresUrl) };
    try {
      await migrate(postgres, migrations);
      await prepareCapture(postgres, names);
      await postgres.pool.query(`
        insert into infratraq.audit_seal_head (sequence, last_id, chain_head) values (1, '0', repeat('a', 64))`);
      const { rows } = await postgres.pool.query(`select source from infratraq.capture_position`);
      const unsealed = `${rows[0].source}:0000000000000001:00000000`;
      await changelog.insertMany([unsealed, 'zzzz', 7].map((_id) => ({ _id, changed_at: new Date(0) })));
      const { out, error, status } = await withDatabases('audit verify');
      expect(out).toMatch(/seal:removed +1 +- +.*PostgreSQL has counted up to 1/);
      expect(out).toMatch(/change:inserted +- +7 +.*ids of captured changes are text/);
      expect(out).toMatch(/change:inserted +- +zzzz +.*no change that was captured has such an id/);
      expect(out).toMatch(new RegExp(`change:unsealed +- +${unsealed} +.*sealing stands still`));
      expect(out).toContain('4 findings');
      expect(error).toContain('audit.findings');
      expect(status).toBe(1);
      const { findings } = JSON.parse((await withDatabases('audit verify --json')).out) as {
        findings: { kind: string }[];
      };
      expect(findings.map(({ kind }) => kind)).toEqual([
        'seal:removed',
        'change:inserted',
        'change:inserted',
        'change:unsealed',
      ]);
    } finally {
      await changelog.deleteMany({});
      await postgres.pool.query('truncate infratraq.audit_seal_head');
      await removeCapture(postgres, names);
      await mongo.close();
      await postgres.close();
    }
  });

  it('plans indexes, applies them, then finds nothing to do, and sees drift', async () => {
    expect((await withDatabases('indexes plan')).out).toContain('create      api_request_log.ttl_created_at');
    expect((await withDatabases('indexes apply')).status).toBe(0);
    expect((await withDatabases('indexes drift')).out).toContain('nothing to do');
    const mongo = await connectMongo({ uri: databases.mongodbUri });
    await mongo.connection.collection('api_request_log').createIndex({ by_hand: 1 });
    await mongo.close();
    expect(await withDatabases('indexes drift')).toMatchObject({
      status: 1,
      out: expect.stringContaining('by_hand'),
      error: expect.stringContaining('indexes.drift'),
    });
  });

  it('examines configuration and connections, and says what to do', async () => {
    const well = await withDatabases('doctor');
    expect(well.out).toMatch(/ok +postgresql/);
    expect(well.out).toMatch(/ok +capture +wal_level is logical/);
    const away = await run('doctor', { POSTGRES_URL: 'postgres://127.0.0.1:9/none' });
    expect(away).toMatchObject({ status: 1, out: expect.stringMatching(/fault +postgresql .*POSTGRES_URL/) });
    expect((await run('doctor', { PORT: 'seventy' })).out).toMatch(/fault +environment .*PORT/);
  });

  it('says how to start a server where it needs one', async () => {
    for (const words of ['token', 'urls', 'demo'])
      expect(await run(words)).toMatchObject({ status: 1, error: expect.stringContaining('npm start') });
  });
});
