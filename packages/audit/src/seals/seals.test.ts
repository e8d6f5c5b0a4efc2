import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { InfratraqError } from '@infratraq/kernel';
import { ArchiveManifest, AuditVerifier, proveChange, writeCanonical } from '../index.js';
import { exampleDocuments } from '../example-documents.js';
import { openSealedTrail, type SealedTrail } from '../testing/open-sealed-trail.js';
import { findRoot, hashLeaf } from './merkle-tree.js';
import { makeSeal, packChanges, unpackChanges } from './seal.js';

let trail: SealedTrail;

beforeEach(async () => {
  trail = await openSealedTrail();
  await trail.addBridges(1, 5);
});
afterEach(() => trail.close());

const bridge = async (id: number): Promise<string> => {
  const found = await trail.changes.findOne({ 'new_value.id': id } as never);
  return found!._id;
};

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

describe('verifying', () => {
  beforeEach(() => trail.sealer(2).seal());
  const findings = async () => (await trail.verifier.verify()).findings;

  it('names a change that was altered', async () => {
    const id = await bridge(2);
    await trail.changes.updateOne({ _id: id }, { $set: { 'new_value.name': 'another' } });
    expect(await findings()).toMatchObject([{ kind: 'change:altered', sequence: 1, change_id: id }]);
  });

  it('names a change that was removed, also the newest', async () => {
    const ids = [await bridge(3), await bridge(5)];
    await trail.changes.deleteMany({ _id: { $in: ids } });
    expect(await findings()).toMatchObject([
      { kind: 'change:removed', sequence: 2, change_id: ids[0] },
      { kind: 'change:removed', sequence: 3, change_id: ids[1] },
    ]);
  });

  it('names a change that was inserted', async () => {
    const forged = `${(await bridge(3)).slice(0, -1)}2a`;
    const example = exampleDocuments.EntityChangelog();
    await trail.changes.insertOne({ ...example, _id: forged } as never);
    expect(await findings()).toMatchObject([{ kind: 'change:inserted', change_id: forged }]);
  });

  it('takes no offence at what the lifecycle writes', async () => {
    await trail.changes.updateMany({}, { $set: { archived_at: new Date(), expires_at: new Date() } });
    expect(await findings()).toEqual([]);
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
      const id = await bridge(1);
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

  it('notices seals that were removed, the newest by what was published', async () => {
    await trail.query('delete from infratraq.audit_seal where sequence = 3');
    await trail.changes.deleteOne({ _id: await bridge(5) });
    expect(await findings()).toMatchObject([{ kind: 'seal:removed', sequence: 3 }]);
    await trail.query('delete from infratraq.audit_seal where sequence = 1');
    expect(await findings()).toMatchObject([
      { kind: 'seal:removed', sequence: 1 },
      { kind: 'seal:removed', sequence: 3 },
    ]);
    expect(await trail.verifier.verify({ after: 2, limit: 1 })).toMatchObject({ seals: 0, next: null });
  });

  it('notices a seal that was altered', async () => {
    await trail.query(`update infratraq.audit_seal set merkle_root = repeat('a', 64) where sequence = 2`);
    expect((await findings()).map(({ kind, sequence }) => [kind, sequence])).toEqual(
      Array(3).fill(['seal:altered', 2]),
    );
    await trail.query(`update infratraq.audit_seal set packed_changes = 'nonsense' where sequence = 2`);
    expect(await findings()).toContainEqual(expect.objectContaining({ kind: 'seal:altered', sequence: 2 }));
  });

  it('notices a trail that was forged whole in both databases, for it was published otherwise', async () => {
    const [third] = await trail.keeper.list(2, 1);
    const removed = await bridge(5);
    await trail.changes.deleteOne({ _id: removed });
    await trail.changes.insertOne({
      ...exampleDocuments.EntityChangelog(),
      _id: removed.replace(/.$/, 'f'),
    } as never);
    await trail.query('delete from infratraq.audit_seal where sequence = 3');
    await trail.query('delete from infratraq.audit_seal_head');
    await expect(trail.sealer().seal()).rejects.toMatchObject({ code: 'audit.seal-conflict' });
    const [forged] = await trail.keeper.list(2, 1);
    expect(forged!.merkle_root).not.toBe(third!.merkle_root);
    expect(await findings()).toMatchObject([
      { kind: 'seal:altered', sequence: 3, detail: expect.stringContaining('was published') },
      { kind: 'seal:altered', sequence: 3, detail: expect.stringContaining('archive_manifest') },
    ]);
  });

  it('keeps every root in archive_manifest, too, and notices when another one is there', async () => {
    const records = trail.models.of(ArchiveManifest);
    const [first] = await trail.keeper.list(0, 1);
    expect(await records.findOne({ collection_name: 'audit_seal', sequence: 1 }).lean()).toMatchObject({
      merkle_root: first!.merkle_root,
      document_count: 2,
      object_uri: expect.stringMatching(/^file:.*\/seals\/000000000001\.json$/),
    });
    await records.updateOne({ sequence: 2 }, { merkle_root: 'a'.repeat(64) });
    await records.deleteOne({ sequence: 3 });
    expect(await findings()).toMatchObject([
      { kind: 'seal:altered', sequence: 2, detail: expect.stringContaining('archive_manifest') },
      { kind: 'seal:altered', sequence: 3, detail: expect.stringContaining('archive_manifest') },
    ]);
  });

  it('waits a while for a seal to be published, and then notices that its file is gone', async () => {
    await trail.objects.delete('seals/000000000002.json');
    expect(await trail.verifier.verify()).toMatchObject({ waiting: 1, findings: [] });
    const later = trail.verifierOf({ now: () => new Date(Date.now() + 3_600_000) });
    expect(await later.verify()).toMatchObject({
      waiting: 0,
      findings: [{ kind: 'seal:unpublished', sequence: 2 }],
    });
  });

  it('takes no seal that is made meanwhile for a removed one', async () => {
    const { models, keeper, refused, publisher } = trail;
    await trail.addBridges(6, 6);
    const sealing = () => trail.sealer().seal();
    let sealed: ReturnType<typeof sealing> | undefined;
    const meanwhile = {
      ...publisher,
      read: async (sequence: number) => {
        await (sealed ??= sealing());
        return publisher.read(sequence);
      },
    };
    const verification = await new AuditVerifier({ models, keeper, refused, publisher: meanwhile }).verify();
    expect(await publisher.read(4)).toContain('"sequence": 4');
    expect(verification).toMatchObject({ seals: 3, findings: [], next: null });
  });

  it('goes on from seal to seal', async () => {
    const first = await trail.verifier.verify({ limit: 2 });
    expect(first).toMatchObject({ seals: 2, changes: 4, findings: [], next: 2 });
    expect(await trail.verifier.verify({ after: 2, limit: 2 })).toMatchObject({ seals: 1, next: null });
  });
});

describe('a change that the changelog refused', () => {
  const conflict = { 'new_value.id': 1 };
  beforeEach(async () => {
    await trail.changes.createIndex(conflict, { unique: true });
    // A second bridge 7 in the log, and both are to stay apart in it.
    await trail.addBridges(7, 7);
    await trail.query('alter table bridges drop constraint bridges_pkey');
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

describe('a proof of inclusion', () => {
  const script = fileURLToPath(new URL('../../../../tools/check-audit-proof.mjs', import.meta.url));
  const check = promisify(execFile);

  it('is checked without the product, and fails for other content', async () => {
    await trail.sealer().seal();
    const id = await bridge(4);
    const proof = await proveChange(trail.models, trail.keeper, id);
    const file = join(trail.folder, 'proof.json');
    const published = join(trail.folder, 'seal.json');
    await writeFile(published, (await trail.publisher.read(1))!);
    await writeFile(file, JSON.stringify(proof));
    expect((await check(process.execPath, [script, file, published])).stdout).toContain(
      `${id} is under seal 1`,
    );
    await writeFile(
      file,
      JSON.stringify({ ...proof, content: proof.content.replace('bridge 4', 'bridge 9') }),
    );
    await expect(check(process.execPath, [script, file])).rejects.toMatchObject({
      stderr: expect.stringContaining('not under the seal'),
    });
    const otherSeal = { ...proof, seal: { ...proof.seal, chain_head: '0'.repeat(64) } };
    await writeFile(file, JSON.stringify(otherSeal));
    await expect(check(process.execPath, [script, file, published])).rejects.toMatchObject({
      stderr: expect.stringContaining('another chain_head'),
    });
  });

  it('is not there for what is unknown or not sealed yet', async () => {
    const prove = (id: string) => proveChange(trail.models, trail.keeper, id);
    await expect(prove('nothing')).rejects.toMatchObject({ code: 'audit.change-unknown' });
    await expect(prove(await bridge(1))).rejects.toMatchObject({ code: 'audit.change-unsealed' });
  });
});

it('packs the changes of a seal without loss', () => {
  const changes = [{ change_id: 'a:1', changed_at: new Date(5), hash: Buffer.alloc(32, 7) }];
  expect(unpackChanges(packChanges(changes))).toEqual(changes);
  expect(makeSeal(changes, undefined, new Date(0))).toMatchObject({ sequence: 1, change_count: 1 });
});
