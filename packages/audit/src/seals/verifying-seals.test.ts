import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exampleDocuments } from '../example-documents.js';
import { ArchiveManifest } from '../collections/archive-manifest.js';
import { AuditVerifier } from './audit-verifier.js';
import { openSealedTrail, type SealedTrail } from '../testing/open-sealed-trail.js';

let trail: SealedTrail;

beforeEach(async () => {
  trail = await openSealedTrail();
  await trail.addBridges(1, 5);
});
afterEach(() => trail.close());

describe('verifying', () => {
  beforeEach(() => trail.sealer(2).seal());

  it('notices seals that were removed, the newest by what was published', async () => {
    await trail.query('delete from infratraq.audit_seal where sequence = 3');
    await trail.changes.deleteOne({ _id: await trail.changeOf(5) });
    expect(await trail.findings()).toMatchObject([{ kind: 'seal:removed', sequence: 3 }]);
    await trail.query('delete from infratraq.audit_seal where sequence = 1');
    expect(await trail.findings()).toMatchObject([
      { kind: 'seal:removed', sequence: 1 },
      { kind: 'seal:removed', sequence: 3 },
    ]);
    expect(await trail.verifier.verify({ after: 2, limit: 1 })).toMatchObject({ seals: 0, next: null });
    // The largest number that a request may name.
    expect(await trail.verifier.verify({ after: Number.MAX_SAFE_INTEGER })).toMatchObject({
      seals: 0,
      next: null,
    });
  });

  it('notices a seal that was altered', async () => {
    await trail.query(`update infratraq.audit_seal set merkle_root = repeat('a', 64) where sequence = 2`);
    expect((await trail.findings()).map(({ kind, sequence }) => [kind, sequence])).toEqual(
      Array(3).fill(['seal:altered', 2]),
    );
    await trail.query(`update infratraq.audit_seal set packed_changes = 'nonsense' where sequence = 2`);
    expect(await trail.findings()).toContainEqual(
      expect.objectContaining({ kind: 'seal:altered', sequence: 2 }),
    );
  });

  it('notices a trail that was forged whole in both databases, for it was published otherwise', async () => {
    const [third] = await trail.keeper.list(2, 1);
    const removed = await trail.changeOf(5);
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
    expect(await trail.findings()).toMatchObject([
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
    expect(await trail.findings()).toMatchObject([
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
