import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { exampleDocuments } from '../example-documents.js';
import { openSealedTrail, type SealedTrail } from '../testing/open-sealed-trail.js';

let trail: SealedTrail;
let source: string;
let newest: string;

beforeAll(async () => {
  trail = await openSealedTrail();
  await trail.addBridges(1, 3);
  await trail.sealer(2).seal();
  // Not sealed yet.
  await trail.addBridges(4, 5);
  [{ source }] = (await trail.query('select source from infratraq.capture_position')) as [{ source: never }];
  newest = (await trail.changes.find().sort({ _id: -1 }).limit(1).toArray())[0]!._id;
});
afterAll(() => trail.close());

const forged: unknown[] = [];
afterEach(async () => {
  await trail.changes.deleteMany({ _id: { $in: forged.splice(0) } } as never);
});
async function forge(_id: unknown): Promise<void> {
  forged.push(_id);
  await trail.changes.insertOne({ ...exampleDocuments.EntityChangelog(), _id } as never);
}

it('takes no offence at changes that wait for their seal', async () => {
  expect(await trail.findings()).toEqual([]);
});

describe('a document of the changelog that capture has not stored is named', () => {
  it.each<[string, () => string, string]>([
    ['behind all others', () => 'zzzz', 'such an id'],
    ['behind all others of its source', () => `${source}:zzzz`, 'such an id'],
    ['among those that are not sealed yet', () => `${newest}0`, 'such an id'],
    ['where the log has not come to', () => `${source}:7fffffffffffffff:00000000`, 'has not come to'],
    ['of a source that there never was', () => `ffffffffffff:0000000001000000:00000000`, 'ffffffffffff'],
  ])('%s', async (_where, nameId, detail) => {
    await forge(nameId());
    expect(await trail.findings()).toEqual([
      { kind: 'change:inserted', change_id: nameId(), detail: expect.stringContaining(detail) },
    ]);
  });

  it.each(['', '0', '000000000001:0000000001000000:00000000'])('before all others: "%s"', async (id) => {
    await forge(id);
    expect(await trail.findings()).toMatchObject([{ kind: 'change:inserted', sequence: 1, change_id: id }]);
  });

  it.each<[string, unknown]>([
    ['{"$oid":"64b0c0ffee64b0c0ffee64b0"}', new mongo.ObjectId('64b0c0ffee64b0c0ffee64b0')],
    ['5', 5],
    ['true', true],
    ['{"source":"x"}', { source: 'x' }],
    ['{"$date":"2026-01-15T00:00:00Z"}', new Date('2026-01-15')],
    ['{"$minKey":1}', new mongo.MinKey()],
    ['{"$maxKey":1}', new mongo.MaxKey()],
  ])('under an id that is no text: %s', async (change_id, id) => {
    await forge(id);
    expect(await trail.findings()).toEqual([
      { kind: 'change:inserted', change_id, detail: expect.stringContaining('text') },
    ]);
  });

  it('once the last seal was looked at', async () => {
    await forge('zzzz');
    expect(await trail.verifier.verify({ limit: 1 })).toMatchObject({ findings: [], next: 1 });
    expect(await trail.verifier.verify({ after: 2 })).toMatchObject({ findings: [{ change_id: 'zzzz' }] });
  });
});

it('is named although it was sealed, for it came before the seal', async () => {
  const id = `${newest.slice(0, -8)}0000zzzz`;
  await forge(id);
  await trail.addBridges(6, 6);
  expect((await trail.sealer().seal()).map(({ change_count }) => change_count)).toEqual([4]);
  expect(await trail.findings()).toMatchObject([
    { kind: 'change:inserted', sequence: 3, change_id: id, detail: expect.stringContaining('was sealed') },
  ]);
});
