import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { proveChange } from './prove-change.js';
import { openSealedTrail, type SealedTrail } from '../testing/open-sealed-trail.js';

let trail: SealedTrail;

beforeEach(async () => {
  trail = await openSealedTrail();
  await trail.addBridges(1, 5);
});
afterEach(() => trail.close());

describe('a change that the changelog refused', () => {
  const conflict = { 'new_value.id': 1 };
  beforeEach(async () => {
    await trail.changes.createIndex(conflict, { unique: true });
    // A second bridge 7 in the log, and both are to stay apart in it.
    await trail.addBridges(7, 7);
    await trail.addBridges(6, 8);
  });
  const storedIds = async () =>
    (await trail.changes.find().sort({ _id: 1 }).toArray()).map(
      ({ new_value }) => (new_value as never)['id'],
    );

  it('is sealed in its place, and can be stored there later without breaking any seal', async () => {
    await trail.sealer(3).seal();
    expect(await storedIds()).toEqual([1, 2, 3, 4, 5, 7, 6, 8]);
    const before = await trail.verifier.verify();
    expect(before).toMatchObject({ changes: 8, refused: 1, findings: [] });
    expect(await trail.replayRefused()).toEqual({ replayed: 0, refused: 1 });
    await trail.changes.dropIndexes();
    expect(await trail.replayRefused()).toEqual({ replayed: 1, refused: 0 });
    expect(await storedIds()).toEqual([1, 2, 3, 4, 5, 7, 6, 7, 8]);
    expect(await trail.verifier.verify()).toEqual({ ...before, changes: 9, refused: 0 });
    const [late] = await trail.changes
      .find({ 'new_value.id': 7 } as never)
      .sort({ _id: -1 })
      .toArray();
    await expect(proveChange(trail.models, trail.keeper, late!._id)).resolves.toMatchObject({
      change_id: late!._id,
    });
  });

  it('counts for nothing once it was altered where it waits, or is gone from there', async () => {
    await trail.sealer().seal();
    await trail.query(
      `update infratraq.capture_refused_change
       set content = overlay(content placing '\\x39' from position('bridge 7'::bytea in content) + 7)`,
    );
    expect(await trail.verifier.verify()).toMatchObject({
      refused: 0,
      findings: [{ kind: 'change:removed' }],
    });
    await trail.query('delete from infratraq.capture_refused_change');
    expect((await trail.verifier.verify()).findings).toHaveLength(1);
  });

  it('that is replayed while it is being sealed or verified is neither missed nor found twice', async () => {
    await trail.changes.dropIndexes();
    const meanwhile = {
      read: async function* (range: Parameters<typeof trail.refused.read>[0]) {
        yield* trail.refused.read(range);
        await trail.replayRefused();
      },
    };
    await trail.sealerOf({ refused: meanwhile }).seal();
    expect(await trail.verifier.verify()).toMatchObject({ changes: 9, refused: 0, findings: [] });
    await trail.changes.deleteOne({ 'new_value.id': 7 } as never);
    await trail.changes.createIndex(conflict, { unique: true });
  });
});
