import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import {
  CollectionStateError,
  createTokenSigner,
  type LifecycleState,
  type ServedQuery,
} from '@infratraq/kernel';
import fastCheck from 'fast-check';
import { mongo as driver, Types } from 'mongoose';
import { asAdministrator } from './administrator.js';
import { bindModels, type Models } from './bind-models.js';
import { connectMongo, type Mongo } from './connect.js';
import { trusted } from './run-query.js';
import { findWork, listWorkOfCrew, listWorkOnSite, WorkRecord } from './work-record.fixture.js';

const { calculateObjectSize } = driver.BSON;
let databases: TestDatabases;
let mongo: Mongo;
let models: Models;

beforeAll(async () => {
  databases = await createTestDatabases({ postgres: false });
  mongo = await connectMongo({ uri: databases.mongodbUri });
  models = bindModels(mongo.connection, [WorkRecord]);
});
afterAll(async () => {
  await mongo.close();
  await databases.drop();
});
beforeEach(() => models.of(WorkRecord).deleteMany({}));

const work = (number: number, more: Partial<WorkRecord> = {}): WorkRecord => ({
  crew: 'north',
  number,
  done_at: new Date(1_700_000_000_000 + number * 1_000),
  ...more,
});

describe('models', () => {
  it('carry the fields that the policy needs', () => {
    expect(models.of(WorkRecord).schema.path('archived_at')).toBeDefined();
    expect(models.of(WorkRecord).schema.path('expires_at')).toBeDefined();
  });

  it.each([
    ['an unknown field', { ...work(1), colour: 'red' }],
    ['an unknown nested field', { ...work(1), place: { site: 'bridge', colour: 'red' } }],
    ['an operator object', { ...work(1), crew: { $gt: '' } }],
    ['a missing field', { number: 1, done_at: new Date() }],
  ])('refuse %s', async (_what, document) => {
    await expect(models.of(WorkRecord).create(document as WorkRecord)).rejects.toThrow(/colour|crew/);
    expect(await models.of(WorkRecord).countDocuments()).toBe(0);
  });

  it('compare an operator object in a filter as a value, unless our code trusts it', async () => {
    await models.of(WorkRecord).create(work(1));
    const injected = { $gt: '' } as unknown as string;
    await expect(models.of(WorkRecord).findOne({ crew: injected })).rejects.toThrow(/Cast to string failed/);
    expect(await models.of(WorkRecord).findOne({ number: trusted({ $gt: 0 }) })).not.toBeNull();
  });

  it('refuse a filter on a field that does not exist', async () => {
    await expect(models.of(WorkRecord).find({ colour: 'red' } as object)).rejects.toThrow(/colour/);
  });
});

describe('served queries', () => {
  it('find in their order, as plain objects', async () => {
    await models.of(WorkRecord).insertMany([work(1), work(3), work(2), work(4, { crew: 'south' })]);
    const found = await models.find(listWorkOfCrew, { crew: 'north' });
    expect(found.map((record) => record.number)).toEqual([3, 2, 1]);
    expect(await models.findOne(findWork, { number: 4 })).toMatchObject({ crew: 'south' });
    expect(await models.find(listWorkOfCrew, { crew: 'north' }, { limit: 1 })).toHaveLength(1);
  });

  it('refuse parameters that carry operators', async () => {
    const crew = { $ne: null } as unknown as string;
    await expect(models.find(listWorkOfCrew, { crew })).rejects.toMatchObject({ code: 'input.operator' });
  });
});

describe('pages', () => {
  const idOf = (number: number) => new Types.ObjectId(number.toString(16).padStart(24, '0'));
  const numbersOf = (records: readonly WorkRecord[]) => records.map(({ number }) => number);

  async function readPages<Parameters>(
    query: ServedQuery<WorkRecord, Parameters>,
    parameters: Parameters,
    limit: number,
  ): Promise<number[]> {
    const read: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await models.page(query, parameters, { limit, cursor });
      expect(page.items.length).toBeLessThanOrEqual(limit);
      read.push(...numbersOf(page.items));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    return read;
  }

  it('give every document once and in order, whatever ties and gaps the sort values have', async () => {
    const record = fastCheck.record({
      priority: fastCheck.option(fastCheck.integer({ min: 0, max: 2 }), { nil: undefined }),
      day: fastCheck.integer({ min: 0, max: 2 }),
      // Written in another order than the one that their `_id` has.
      turn: fastCheck.nat(),
    });
    await fastCheck.assert(
      fastCheck.asyncProperty(
        fastCheck.array(record, { maxLength: 25 }),
        fastCheck.integer({ min: 1, max: 6 }),
        async (records, limit) => {
          const written = records
            .map(({ priority, day, turn }, number) => ({
              turn,
              document: {
                _id: idOf(number),
                ...work(number, {
                  ...(priority !== undefined && { priority }),
                  done_at: new Date(day * 86_400_000),
                  place: { site: 'bridge' },
                }),
              },
            }))
            .sort((left, right) => left.turn - right.turn)
            .map(({ document }) => document);
          await models.of(WorkRecord).deleteMany({});
          await models.of(WorkRecord).insertMany(written);
          const onSite = written.toSorted(
            (left, right) =>
              (right.priority ?? -1) - (left.priority ?? -1) ||
              left.done_at.getTime() - right.done_at.getTime() ||
              left.number - right.number,
          );
          expect(await readPages(listWorkOnSite, { site: 'bridge' }, limit)).toEqual(numbersOf(onSite));
          const ofCrew = written.toSorted(
            (left, right) => right.done_at.getTime() - left.done_at.getTime() || right.number - left.number,
          );
          expect(await readPages(listWorkOfCrew, { crew: 'north' }, limit)).toEqual(numbersOf(ofCrew));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('put what happened in the same millisecond newest first where the list is newest first', async () => {
    const done_at = new Date();
    await models
      .of(WorkRecord)
      .insertMany([1, 2, 3, 4, 5].map((number) => ({ _id: idOf(number), ...work(number, { done_at }) })));
    for (const limit of [2, 3, 5])
      expect(await readPages(listWorkOfCrew, { crew: 'north' }, limit)).toEqual([5, 4, 3, 2, 1]);
  });

  it('hold no more bytes than their budget, but always a document, and together all of them once', async () => {
    const few = bindModels(mongo.connection, [WorkRecord], { pageBytes: 2_000 });
    const record = fastCheck.record({
      priority: fastCheck.option(fastCheck.integer({ min: 0, max: 1 }), { nil: undefined }),
      day: fastCheck.integer({ min: 0, max: 1 }),
      length: fastCheck.constantFrom(10, 600, 3_000),
    });
    await fastCheck.assert(
      fastCheck.asyncProperty(
        fastCheck.array(record, { maxLength: 12 }),
        fastCheck.integer({ min: 1, max: 6 }),
        fastCheck.boolean(),
        async (records, limit, isShort) => {
          const written = records.map(({ priority, day, length }, number) => ({
            _id: idOf(number),
            ...work(number, {
              ...(priority !== undefined && { priority }),
              done_at: new Date(day * 86_400_000),
              place: { site: 'bridge' },
              note: 'n'.repeat(length),
            }),
          }));
          await models.of(WorkRecord).deleteMany({});
          await models.of(WorkRecord).insertMany(written);
          const content = isShort ? { omit: ['note'] as const } : undefined;
          const read: number[] = [];
          let cursor: string | undefined;
          do {
            const page = await few.page(listWorkOnSite, { site: 'bridge' }, { limit, cursor }, content);
            const bytes = page.items.reduce((sum, one) => sum + calculateObjectSize(one), 0);
            expect(page.items.length === 1 || bytes <= 2_000).toBe(true);
            expect(page.items.length > 0 || written.length === 0).toBe(true);
            if (isShort) expect(page.items.every(({ note }) => note === undefined)).toBe(true);
            read.push(...numbersOf(page.items));
            cursor = page.next_cursor ?? undefined;
          } while (cursor);
          expect(read).toEqual(await readPages(listWorkOnSite, { site: 'bridge' }, 1_000));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('refuse cursors that are damaged, forged, unsigned or of another list', async () => {
    await models.of(WorkRecord).insertMany([work(1), work(2), work(3)]);
    const { next_cursor } = await models.page(listWorkOfCrew, { crew: 'north' }, { limit: 1 });
    const cursor = next_cursor ?? '';
    const encode = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64url');
    const [payload, signature] = cursor.split('.') as [string, string];
    const content = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const unsigned = ['?', '', 'bnVsbA', payload, encode({ q: 'x', ...content }), `${payload}.`];
    const altered = [{ ...content, v: [{ $gt: '' }] }, { ...content, id: { $where: '1' } }, [], null, 'x'];
    const foreign = createTokenSigner('s'.repeat(32), 'cursor:x').write(content);
    const wrong = [...unsigned, ...altered.map((one) => `${encode(one)}.${signature}`), foreign];
    for (const given of [...wrong, cursor.slice(0, -9)])
      await expect(
        models.page(listWorkOfCrew, { crew: 'north' }, { limit: 1, cursor: given }),
      ).rejects.toMatchObject({ code: 'cursor.invalid', status: 400 });
    for (const page of [
      models.page(listWorkOnSite, { site: 'x' }, { limit: 1, cursor }),
      models.page(listWorkOfCrew, { crew: 'south' }, { limit: 1, cursor }),
      bindModels(mongo.connection, [WorkRecord]).page(listWorkOfCrew, { crew: 'north' }, { cursor }),
    ])
      await expect(page).rejects.toMatchObject({ code: 'cursor.invalid' });
    expect((await models.page(listWorkOfCrew, { crew: 'north' }, { limit: 1, cursor })).items).toHaveLength(
      1,
    );
  });

  it('go on while parts of a filter change, where the list is named', async () => {
    await models.of(WorkRecord).insertMany([work(1), work(2, { crew: 'south' }), work(3)]);
    const read = (crew: string, list: string, cursor?: string) =>
      models.page(listWorkOfCrew, { crew }, { limit: 1, cursor }, { list: [list] });
    const cursor = (await read('north', 'of mia')).next_cursor ?? '';
    expect(numbersOf((await read('south', 'of mia', cursor)).items)).toEqual([2]);
    await expect(read('north', 'of noa', cursor)).rejects.toMatchObject({ code: 'cursor.invalid' });
    await expect(models.page(listWorkOfCrew, { crew: 'north' }, { cursor })).rejects.toMatchObject({
      code: 'cursor.invalid',
    });
  });

  it('go on in another process that has the same secret', async () => {
    await models.of(WorkRecord).insertMany([work(1), work(2), work(3)]);
    const [one, other] = [1, 2].map(() =>
      bindModels(mongo.connection, [WorkRecord], { cursorSecret: 's'.repeat(32) }),
    ) as [typeof models, typeof models];
    const first = await one.page(listWorkOfCrew, { crew: 'north' }, { limit: 1 });
    const second = await other.page(
      listWorkOfCrew,
      { crew: 'north' },
      { limit: 2, cursor: first.next_cursor ?? '' },
    );
    expect(numbersOf([...first.items, ...second.items]).toSorted()).toEqual([1, 2, 3]);
  });
});

describe('updates of each', () => {
  const noteOn = (number: unknown, note: string) => ({ filter: { number }, update: { $set: { note } } });

  it('apply in one command what the filters still admit, and all but those that fail', async () => {
    await models.of(WorkRecord).insertMany([work(1), work(2, { note: 'kept' }), work(3)]);
    const wrong = { filter: { number: 1 }, update: { $inc: { crew: 1 } } };
    const admitted = [noteOn({ $in: [1] }, 'one'), noteOn(4, 'four')];
    await expect(models.updateEach(WorkRecord, [wrong, ...admitted, noteOn(3, 'three')])).rejects.toThrow();
    const found = await models.of(WorkRecord).find().sort({ number: 1 }).lean();
    expect(found.map(({ note }) => note)).toEqual(['one', 'kept', 'three']);
    await models.updateEach(WorkRecord, []);
  });

  it('obey the lifecycle', async () => {
    const archived = bindModels(mongo.connection, [WorkRecord], { states: { stateOf: () => 'archived' } });
    await expect(archived.updateEach(WorkRecord, [noteOn(1, 'one')])).rejects.toMatchObject({
      code: 'collection.archived',
    });
  });
});

describe('lifecycle', () => {
  const guarded = (state: LifecycleState) =>
    bindModels(mongo.connection, [WorkRecord], { states: { stateOf: () => state } }).of(WorkRecord);
  const reads: Record<string, (model: ReturnType<typeof guarded>) => PromiseLike<unknown>> = {
    find: (model) => model.find({}),
    findOne: (model) => model.findOne({}),
    exists: (model) => model.exists({}),
    countDocuments: (model) => model.countDocuments({}),
    estimatedDocumentCount: (model) => model.estimatedDocumentCount(),
    distinct: (model) => model.distinct('crew'),
    aggregate: (model) => model.aggregate([{ $match: {} }]),
  };
  const writes: typeof reads = {
    create: (model) => model.create(work(1)),
    insertMany: (model) => model.insertMany([work(1)]),
    bulkWrite: (model) => model.bulkWrite([{ insertOne: { document: work(1) } }]),
    updateOne: (model) => model.updateOne({ number: 1 }, { note: 'x' }, { upsert: true }),
    updateMany: (model) => model.updateMany({}, { note: 'x' }),
    replaceOne: (model) => model.replaceOne({ number: 1 }, work(1), { upsert: true }),
    findOneAndUpdate: (model) => model.findOneAndUpdate({ number: 1 }, { note: 'x' }),
    findOneAndReplace: (model) => model.findOneAndReplace({ number: 1 }, work(1)),
    findOneAndDelete: (model) => model.findOneAndDelete({ number: 1 }),
    deleteOne: (model) => model.deleteOne({ number: 1 }),
    deleteMany: (model) => model.deleteMany({}),
    'document.deleteOne': (model) => model.hydrate({ _id: '0'.repeat(24) }).deleteOne(),
    'document.updateOne': (model) => model.hydrate({ _id: '0'.repeat(24) }).updateOne({ note: 'x' }),
    'aggregate with $merge': (model) => model.aggregate([{ $merge: { into: 'work_record' } }]),
  };

  it.each(Object.entries({ ...reads, ...writes }))('refuses %s in maintenance', async (_name, operate) => {
    await expect(operate(guarded('maintenance'))).rejects.toThrow(CollectionStateError);
    expect(await models.of(WorkRecord).countDocuments()).toBe(0);
  });

  it.each(Object.entries(writes))('refuses %s once archived', async (_name, operate) => {
    await expect(operate(guarded('archived'))).rejects.toMatchObject({ code: 'collection.archived' });
  });

  it.each(Object.entries(reads))('lets %s through once archived', async (_name, operate) => {
    await operate(guarded('archived'));
  });

  it('lets admin operations through in maintenance', async () => {
    await asAdministrator(() => guarded('maintenance').create(work(1)));
    expect(await asAdministrator(async () => guarded('maintenance').countDocuments())).toBe(1);
  });
});
