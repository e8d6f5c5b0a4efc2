import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { deriveIndexes } from '@infratraq/kernel';
import { applyIndexes } from './apply-indexes.js';
import { bindModels } from '../bind-models.js';
import { connectMongo, type Mongo } from '../connect.js';
import { explainQuery } from '../explain-query.js';
import { compareIndexes, formatIndexAction, type IndexPlan } from './index-plan.js';
import { detectDrift, planIndexes } from './plan-indexes.js';
import { listWorkOfCrew, workCategory, WorkRecord } from '../work-record.fixture.js';

let databases: TestDatabases;
let mongo: Mongo;
beforeEach(async () => {
  databases = await createTestDatabases({ postgres: false });
  mongo = await connectMongo({ uri: databases.mongodbUri });
});
afterEach(async () => {
  await mongo.close();
  await databases.drop();
});

const [definition] = workCategory.collections;
const possible = () =>
  deriveIndexes(definition!).filter(
    (index) => mongo.capabilities.text || !Object.values(index.key).includes('text'),
  );
const lines = ({ actions }: Pick<IndexPlan, 'actions'>) => actions.map(formatIndexAction);
const collection = () => mongo.connection.getClient().db(mongo.connection.name).collection('work_record');

describe('index plans', () => {
  it('create what is declared, change nothing by being made, and are empty once applied', async () => {
    const plan = await planIndexes(mongo.connection, [WorkRecord]);
    expect(plan.actions.map(({ kind }) => kind)).toEqual(possible().map(() => 'create'));
    expect(plan.actions).toEqual((await planIndexes(mongo.connection, [WorkRecord])).actions);
    const applied = await applyIndexes(mongo.connection, [WorkRecord]);
    expect(applied.actions).toEqual(plan.actions);
    expect((await applyIndexes(mongo.connection, [WorkRecord])).actions).toEqual([]);
    expect((await detectDrift(mongo.connection, [WorkRecord])).actions).toEqual([]);
  });

  it('report the text index where the engine has none', async () => {
    const { unsupported } = await planIndexes(mongo.connection, [WorkRecord]);
    const expected = mongo.capabilities.text ? [] : [{ collection: 'work_record', name: 'note_text' }];
    expect(unsupported.map((one) => ({ collection: one.collection, name: one.index.name }))).toEqual(
      expected,
    );
  });

  it('change the life of documents without building the index anew', async () => {
    await applyIndexes(mongo.connection, [WorkRecord]);
    await collection().dropIndex('ttl_done_at');
    await collection().createIndex(
      { done_at: 1 },
      {
        name: 'ttl_done_at',
        expireAfterSeconds: 60,
        partialFilterExpression: { archived_at: { $exists: true } },
      },
    );
    const plan = await planIndexes(mongo.connection, [WorkRecord]);
    expect(lines(plan)).toEqual(['modify ttl  work_record.ttl_done_at from 60 s to 7776000 s']);
    await applyIndexes(mongo.connection, [WorkRecord]);
    const live = (await collection().indexes()).find(({ name }) => name === 'ttl_done_at');
    expect(live).toMatchObject({ expireAfterSeconds: 7_776_000 });
    expect((await detectDrift(mongo.connection, [WorkRecord])).actions).toEqual([]);
  });

  it('build what is declared beside what has its name, and know an index by what it is', async () => {
    await collection().createIndex({ number: 1 }, { name: 'number_1' });
    await collection().createIndex({ crew: 1 }, { name: 'crew_1_done_at_-1' });
    await collection().createIndex({ 'place.site': 1, priority: -1, done_at: 1 }, { name: 'by_hand' });
    const plan = await planIndexes(mongo.connection, [WorkRecord]);
    const built = lines(plan).filter((line) => /crew|number|place/.test(line));
    expect(built).toEqual([
      expect.stringMatching(/^create {6}work_record\.crew_1_done_at_-1_[0-9a-f]{8} \(crew 1, done_at -1\)$/),
      expect.stringMatching(/^create {6}work_record\.number_1_[0-9a-f]{8} \(number 1\)$/),
    ]);
    await applyIndexes(mongo.connection, [WorkRecord]);
    expect(lines(await detectDrift(mongo.connection, [WorkRecord])).sort()).toEqual([
      'drop        work_record.crew_1_done_at_-1 (crew 1)',
      'drop        work_record.number_1 (number 1)',
    ]);
    await applyIndexes(mongo.connection, [WorkRecord], { prune: true });
    expect((await detectDrift(mongo.connection, [WorkRecord])).actions).toEqual([]);
  });

  it('leave undeclared indexes alone unless asked to prune, and call them drift', async () => {
    await applyIndexes(mongo.connection, [WorkRecord]);
    await collection().createIndex({ cause_id: 1 });
    expect((await planIndexes(mongo.connection, [WorkRecord])).actions).toEqual([]);
    expect(lines(await detectDrift(mongo.connection, [WorkRecord]))).toEqual([
      'drop        work_record.cause_id_1 (cause_id 1)',
    ]);
    await applyIndexes(mongo.connection, [WorkRecord], { prune: true });
    expect((await detectDrift(mongo.connection, [WorkRecord])).actions).toEqual([]);
  });

  it('are safe to apply by several at once', async () => {
    await collection().createIndex({ number: 1 }, { name: 'number_1' });
    const rivals = await Promise.all(
      Array.from({ length: 4 }, () => connectMongo({ uri: databases.mongodbUri })),
    );
    try {
      await Promise.all(rivals.map((rival) => applyIndexes(rival.connection, [WorkRecord], { prune: true })));
    } finally {
      await Promise.all(rivals.map((rival) => rival.close()));
    }
    expect((await detectDrift(mongo.connection, [WorkRecord])).actions).toEqual([]);
    expect(await collection().indexes()).toHaveLength(possible().length + 1);
  });

  it('name the index that the data contradicts', async () => {
    await collection().insertMany([{ number: 1 }, { number: 1 }]);
    await expect(applyIndexes(mongo.connection, [WorkRecord])).rejects.toMatchObject({
      code: 'indexes.failed',
      message: expect.stringContaining('create work_record.number_1'),
    });
  });
});

describe('text indexes in a plan', () => {
  const index = { name: 'note_text', key: { note: 'text' }, weights: { note: 5 }, serves: 'search' } as const;
  const live = { name: 'note_text', key: { _fts: 'text', _ftsx: 1 }, weights: { note: 5 } };

  it('are compared by their weights, because the server shows no other trace of their fields', () => {
    expect(compareIndexes('c', [index], [live])).toEqual([]);
    const other = [{ ...live, weights: { note: 1 } }];
    expect(compareIndexes('c', [index], other)).toEqual([]);
    const [action] = compareIndexes('c', [index], other, { prune: true });
    expect(action).toMatchObject({ kind: 'rebuild', changes: ['text'] });
  });

  it('take the place of the one text index that a collection can have, when undeclared ones are dropped', () => {
    const other = { name: 'other', key: { _fts: 'text', _ftsx: 1 }, weights: { title: 1 } };
    expect(compareIndexes('c', [index], [other], { prune: true })).toMatchObject([
      { kind: 'rebuild', live: { name: 'other' } },
    ]);
  });
});

describe('explained queries', () => {
  it('show a scan of the collection and a blocking sort without the index, and neither with it', async () => {
    const model = bindModels(mongo.connection, [WorkRecord]).of(WorkRecord);
    await model.insertMany(
      Array.from({ length: 600 }, (_, number) => ({
        crew: `crew-${number % 7}`,
        number,
        done_at: new Date(number),
      })),
    );
    const before = await explainQuery(model, listWorkOfCrew, { crew: 'crew-1' });
    expect(before.stages).toEqual(expect.arrayContaining(['COLLSCAN']));
    await applyIndexes(mongo.connection, [WorkRecord]);
    const after = await explainQuery(model, listWorkOfCrew, { crew: 'crew-1' });
    expect(after.indexes).toEqual(['crew_1_done_at_-1']);
    expect(after.stages.includes('SORT')).toBe(!mongo.capabilities.indexOrder);
    await collection().dropIndex('crew_1_done_at_-1');
    await collection().createIndex({ crew: 1 });
    const unsorted = await explainQuery(model, listWorkOfCrew, { crew: 'crew-1' });
    expect(unsorted.stages).toContain('SORT');
  });
});
