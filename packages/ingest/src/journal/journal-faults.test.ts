import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, createTestDatabases, type TestDatabases } from '@infratraq/engines';
import type { LifecycleState } from '@infratraq/kernel';
import { bindModels, connectMongo, type Models, type Mongo } from '@infratraq/mongo';
import {
  createEventWriter,
  type EventWriter,
  type EventWriterOptions,
  type WriterMetrics,
} from '../index.js';
import { SiteNote, SiteRecord } from '../testing/site-record.js';

let databases: TestDatabases;
let mongo: Mongo;
let models: Models;
let folder: string;
let state: LifecycleState;
const writers: EventWriter[] = [];

beforeAll(async () => {
  databases = await createTestDatabases({ postgres: false });
  mongo = await connectMongo({ uri: databases.mongodbUri });
  models = bindModels(mongo.connection, [SiteNote, SiteRecord]);
});
afterAll(async () => {
  await mongo.close();
  await databases.drop();
});
beforeEach(async () => {
  state = 'active';
  folder = mkdtempSync(join(tmpdir(), 'infratraq-journal-'));
  await Promise.all([models.of(SiteNote).deleteMany({}), models.of(SiteRecord).deleteMany({})]);
});
afterEach(async () => {
  await Promise.all(writers.splice(0).map((writer) => writer.close({ deadlineMilliseconds: 0 })));
  rmSync(folder, { recursive: true, force: true });
});

function openWriter(options: Partial<EventWriterOptions> = {}): EventWriter {
  const states = { stateOf: () => state };
  const writer = createEventWriter({
    models,
    states,
    journalFolder: folder,
    lingerMilliseconds: 1,
    ...options,
  });
  writers.push(writer);
  return writer;
}
const numbersOf = async (target: typeof SiteNote) =>
  (
    await models
      .of(target)
      .find({})
      .sort({ $natural: 1 } as never)
      .lean()
  ).map(({ number }) => number);
const range = (count: number) => Array.from({ length: count }, (_, number) => number);
const segments = () => readdirSync(folder).filter((name) => name.endsWith('.journal'));

describe('a writer with a journal', () => {
  it('has a journal-first event on disk when record returns, and nothing once it is stored', async () => {
    const writer = openWriter();
    writer.record(SiteRecord, { number: 0 });
    writer.record(SiteNote, { number: 0 });
    expect(writer.metrics().journal).toMatchObject({ appended: 1, segments: 1 });
    await writer.flush();
    expect(writer.metrics().collections).toMatchObject({
      site_record: { written: 1, journaled: 1, unjournaled: 0 },
      site_note: { written: 1, journaled: 0 },
    });
    expect(await writer.close()).toEqual({ undelivered: 0, kept: 0 });
    expect(segments()).toEqual([]);
  });

  it('writes journal-first events in the order in which they were recorded', async () => {
    const writer = openWriter({ batchSize: 20, batchesInFlight: 4 });
    for (const number of range(1_000)) writer.record(SiteRecord, { number });
    await writer.flush();
    expect(await numbersOf(SiteRecord)).toEqual(range(1_000));
    expect(writer.metrics().collections['site_record']?.batches).toBeGreaterThan(10);
  });

  it('puts what memory has no room for on disk, and writes all of it in order', async () => {
    const writer = openWriter({ maximumBytes: 5_000 });
    state = 'maintenance';
    for (const number of range(3_000)) writer.record(SiteNote, { number });
    expect(writer.metrics().bytes).toBeLessThanOrEqual(5_000);
    expect(writer.metrics().collections['site_note']).toMatchObject({ depth: 3_000, refused: 0 });
    expect(writer.metrics().collections['site_note']?.parked).toBeGreaterThan(2_900);
    state = 'active';
    await writer.flush();
    expect(await numbersOf(SiteNote)).toEqual(range(3_000));
    expect(writer.metrics()).toMatchObject({ depth: 0, bytes: 0 });
  });

  it('writes what comes back from disk one batch after another, to its very end', async () => {
    const writer = openWriter({ maximumBytes: 5_000, batchSize: 100, batchesInFlight: 4 });
    let underWay = 0;
    let most = 0;
    const record = writer.openStore({
      name: 'table:notes',
      durability: 'buffered',
      sink: async (events) => {
        most = Math.max(most, (underWay += 1));
        await new Promise(setImmediate);
        underWay -= 1;
        return { written: events, poisoned: [], again: [] };
      },
    });
    for (const number of range(3_000)) record({ number });
    expect(writer.metrics().collections['table:notes']?.parked).toBeGreaterThan(2_900);
    await writer.flush();
    expect(most).toBe(1);
  });

  it('keeps what it could not write for the next start, which writes it in order', async () => {
    const first = openWriter({ maximumBytes: 20_000 });
    state = 'maintenance';
    for (const number of range(500)) {
      first.record(SiteNote, { number });
      first.record(SiteRecord, { number });
    }
    expect(await first.close({ deadlineMilliseconds: 0 })).toEqual({ undelivered: 0, kept: 1_000 });
    state = 'active';
    const second = openWriter();
    expect(second.metrics()).toMatchObject({ depth: 1_000, journal: { recovered: 1_000 } });
    for (const number of range(500)) second.record(SiteNote, { number: 500 + number });
    await second.flush();
    expect(await numbersOf(SiteNote)).toHaveLength(1_000);
    expect(await numbersOf(SiteRecord)).toEqual(range(500));
    expect(await second.close()).toEqual({ undelivered: 0, kept: 0 });
    expect(segments()).toEqual([]);
  });

  it('refuses and counts what neither memory nor the journal has room for, and keeps the oldest', async () => {
    const writer = openWriter({ maximumBytes: 3_000, maximumJournalBytes: 20_000 });
    const degraded = once(writer.events, 'writer:degraded');
    state = 'maintenance';
    for (const number of range(1_000)) writer.record(SiteNote, { number });
    expect((await degraded)[0]).toMatchObject({ collection: 'site_note', reason: 'full' });
    const { refused, depth } = writer.metrics().collections['site_note']!;
    expect(refused).toBeGreaterThan(0);
    expect(depth).toBe(1_000 - refused);
    expect(writer.metrics().journal?.bytes).toBeLessThanOrEqual(20_000);
    const recovered = once(writer.events, 'writer:recovered');
    state = 'active';
    await writer.flush();
    await recovered;
    expect(await numbersOf(SiteNote)).toEqual(range(depth));
  });

  it('writes the events of one collection while those of another wait', async () => {
    const writer = openWriter({
      totalBatchesInFlight: 1,
      states: { stateOf: (name) => (name === 'site_record' ? 'maintenance' : 'active') },
    });
    for (const number of range(100)) {
      writer.record(SiteRecord, { number });
      writer.record(SiteNote, { number });
    }
    await eventually(
      () => writer.metrics().collections['site_note']!.depth,
      (depth) => depth === 0,
    );
    expect(writer.metrics().collections['site_record']).toMatchObject({ depth: 100, written: 0 });
  });
});

describe('a writer whose disk is full', () => {
  it('never throws, says so, loses nothing that it took, and goes on through memory while the database works', async () => {
    // ulimit counts blocks of 512 bytes: the journal may take 16 KiB, as if the disk had no more.
    const { stdout } = await promisify(execFile)(
      '/bin/sh',
      [
        '-c',
        'ulimit -f 32 && exec "$0" "$@"',
        process.execPath,
        '-C',
        '@infratraq/source',
        '--import',
        hooks,
        program,
      ],
      {
        env: {
          ...process.env,
          NODE_OPTIONS: '',
          MONGODB_URI: databases.mongodbUri,
          JOURNAL: folder,
          EVENTS: '2000',
        },
      },
    );
    const result = JSON.parse(stdout) as { degradation: object; metrics: WriterMetrics; undelivered: number };
    expect(result.degradation).toMatchObject({ collection: 'site_record', reason: 'journal' });
    const { journaled, unjournaled, refused, written } = result.metrics.collections['site_record']!;
    expect(result.metrics.journal?.writeFailures).toBeGreaterThan(0);
    expect(journaled).toBeGreaterThan(0);
    expect(unjournaled).toBeGreaterThan(0);
    expect({ kept: journaled + unjournaled, refused, written }).toEqual({
      kept: 2_000,
      refused: 0,
      written: 2_000,
    });
    expect(result.undelivered).toBe(0);
    expect((await numbersOf(SiteRecord)).sort((left, right) => left - right)).toEqual(range(2_000));
  });
});

const program = new URL('../testing/full-disk-producer.ts', import.meta.url).pathname;
const hooks = new URL('../../../../tools/swc-hooks.mjs', import.meta.url).href;
