import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exampleDocuments } from '../example-documents.js';
import { openSealedTrail, type SealedTrail } from '../testing/open-sealed-trail.js';

let trail: SealedTrail;

beforeEach(async () => {
  trail = await openSealedTrail();
  await trail.addBridges(1, 5);
});
afterEach(() => trail.close());

describe('sealing', () => {
  it('chains all confirmed changes, and goes on where it was', async () => {
    const first = await trail.sealer(3).seal();
    expect(first.map(({ sequence, change_count }) => [sequence, change_count])).toEqual([
      [1, 3],
      [2, 2],
    ]);
    await trail.addBridges(6, 7);
    const [next, ...others] = await trail.sealer(3).seal();
    expect(others).toEqual([]);
    expect(next).toMatchObject({ sequence: 3, change_count: 2, previous_head: first[1]!.chain_head });
    expect(await trail.verifier.verify()).toEqual({
      seals: 3,
      changes: 7,
      archived: 0,
      refused: 0,
      waiting: 0,
      unsealed_seconds: 0,
      findings: [],
      next: null,
    });
    expect(await trail.sealer().seal()).toEqual([]);
  });

  it('by several processes at once seals every change once', async () => {
    await Promise.all([1, 2, 3, 4].map(() => trail.sealer(1).seal()));
    await trail.sealer(1).seal();
    expect(await trail.verifier.verify()).toMatchObject({ seals: 5, changes: 5, findings: [] });
  });

  it('leaves alone what capture has not confirmed', async () => {
    const [{ source, written }] = (await trail.keeper.listSources()) as [{ source: string; written: string }];
    await trail.changes.insertOne({
      ...exampleDocuments.EntityChangelog(),
      _id: `${source}:${written}:00000000`,
    } as never);
    await trail.sealer().seal();
    expect(await trail.verifier.verify()).toMatchObject({ changes: 5, findings: [] });
  });

  it('publishes seals that an earlier run could not', async () => {
    await trail.sealer().seal();
    await trail.query('update infratraq.audit_seal set published_at = null');
    await trail.sealer().seal();
    expect(await trail.publisher.read(1)).toContain('"sequence": 1');
    expect((await trail.keeper.listUnpublished(1)).length).toBe(0);
  });
});
