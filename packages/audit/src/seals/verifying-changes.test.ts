import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InfratraqError } from '@infratraq/kernel';
import { exampleDocuments } from '../example-documents.js';
import { ArchiveManifest } from '../collections/archive-manifest.js';
import { writeCanonical } from './canonical-document.js';
import { openSealedTrail, type SealedTrail } from '../testing/open-sealed-trail.js';
import { findRoot, hashLeaf } from './merkle-tree.js';

let trail: SealedTrail;

beforeEach(async () => {
  trail = await openSealedTrail();
  await trail.addBridges(1, 5);
});
afterEach(() => trail.close());

describe('verifying', () => {
  beforeEach(() => trail.sealer(2).seal());

  it('names a change that was altered', async () => {
    const id = await trail.changeOf(2);
    await trail.changes.updateOne({ _id: id }, { $set: { 'new_value.name': 'another' } });
    expect(await trail.findings()).toMatchObject([{ kind: 'change:altered', sequence: 1, change_id: id }]);
  });

  it('names a change that was removed, also the newest', async () => {
    const ids = [await trail.changeOf(3), await trail.changeOf(5)];
    await trail.changes.deleteMany({ _id: { $in: ids } });
    expect(await trail.findings()).toMatchObject([
      { kind: 'change:removed', sequence: 2, change_id: ids[0] },
      { kind: 'change:removed', sequence: 3, change_id: ids[1] },
    ]);
  });

  it('names a change that was inserted', async () => {
    const forged = `${(await trail.changeOf(3)).slice(0, -1)}2a`;
    const example = exampleDocuments.EntityChangelog();
    await trail.changes.insertOne({ ...example, _id: forged } as never);
    expect(await trail.findings()).toMatchObject([{ kind: 'change:inserted', change_id: forged }]);
  });

  it('takes no offence at what the lifecycle writes', async () => {
    await trail.changes.updateMany({}, { $set: { archived_at: new Date(), expires_at: new Date() } });
    expect(await trail.findings()).toEqual([]);
  });

  describe('what was archived', () => {
    const archive = async (given: Partial<ArchiveManifest>) =>
      trail.models.of(ArchiveManifest).create({
        ...exampleDocuments.ArchiveManifest(),
        collection_name: 'entity_changelog',
        range_from: new Date(Date.now() - 3_600_000),
        range_to: new Date(Date.now() + 3_600_000),
        state: 'stamped',
        ...given,
      });
    const reading = (documents: object[]) => ({
      read: async function* () {
        yield* documents as Record<string, unknown>[];
      },
    });
    const rootOf = (documents: object[]) =>
      findRoot(documents.map((one) => hashLeaf(writeCanonical(one as never)))).toString('hex');

    it('counts as archived once its segment gives it back as it was sealed', async () => {
      const removed = await trail.changes.find({ 'new_value.id': { $in: [1, 2] } } as never).toArray();
      await trail.changes.deleteMany({ _id: { $in: removed.map(({ _id }) => _id) } });
      await archive({ merkle_root: rootOf(removed) });
      const verification = await trail.verifierOf({ segments: reading(removed) }).verify();
      expect(verification).toMatchObject({ changes: 3, archived: 2, findings: [] });
    });

    it('is not hidden by a manifest alone: whoever removes a change can forge one', async () => {
      const id = await trail.changeOf(1);
      await trail.changes.deleteOne({ _id: id });
      await archive({});
      expect(await trail.verifier.verify()).toMatchObject({
        archived: 0,
        findings: [
          { kind: 'change:removed', change_id: id, detail: expect.stringContaining('alone proves') },
        ],
      });
    });

    it('is not hidden by a segment that is gone, holds other changes, or holds it altered', async () => {
      const [first, second] = await trail.changes.find().sort({ _id: 1 }).limit(2).toArray();
      await trail.changes.deleteOne({ _id: first!._id });
      const altered = { ...first!, new_value: { ...first!.new_value, name: 'another' } };
      const gone = {
        read: (): AsyncIterable<never> => {
          throw new InfratraqError('object.not-found', 'There is no object');
        },
      };
      for (const [kept, merkle_root, segments, detail] of [
        [[second!], rootOf([second!]), undefined, 'does not hold it'],
        [[altered], rootOf([altered]), undefined, 'with other content'],
        [[first!], 'b'.repeat(64), undefined, 'Merkle root is another'],
        [[], 'b'.repeat(64), gone, 'There is no object'],
      ] as const) {
        await trail.models.of(ArchiveManifest).deleteMany({ collection_name: 'entity_changelog' });
        await archive({ merkle_root });
        const verifier = trail.verifierOf({ segments: segments ?? reading([...kept]) });
        expect(await verifier.verify()).toMatchObject({
          archived: 0,
          findings: [
            { kind: 'change:removed', change_id: first!._id, detail: expect.stringContaining(detail) },
          ],
        });
      }
    });
  });
});
