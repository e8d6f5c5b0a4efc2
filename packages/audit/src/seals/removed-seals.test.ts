import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ArchiveManifest } from '../collections/archive-manifest.js';
import { openSealedTrail, type SealedTrail } from '../testing/open-sealed-trail.js';

let trail: SealedTrail;

beforeEach(async () => {
  trail = await openSealedTrail();
  await trail.addBridges(1, 3);
  await trail.sealer(1).seal();
});
afterEach(() => trail.close());

const removeSeals = (after: number) =>
  trail.query(`delete from infratraq.audit_seal where sequence > ${after}`);

/** Each removes one trace of a seal besides the seal itself, as somebody would who wants to hide that there was one. */
const traces = {
  file: (sequence: number) => trail.objects.delete(`seals/00000000000${sequence}.json`),
  record: (sequence: number) =>
    trail.models.of(ArchiveManifest).deleteOne({ collection_name: 'audit_seal', sequence }),
  head: (sequence: number) =>
    trail.query(`update infratraq.audit_seal_head set (sequence, last_id, chain_head) =
      (select sequence, last_id, chain_head from infratraq.audit_seal where sequence = ${sequence - 1})`),
};

describe('the newest seal, removed together with its changes, is told of', () => {
  it.each([
    ['its file', ['record', 'head'], /: its file is there$/],
    ['its record in archive_manifest', ['file', 'head'], /: archive_manifest records it$/],
    ['the head that PostgreSQL keeps', ['file', 'record'], /: PostgreSQL has counted up to 3$/],
  ] as const)('by %s alone', async (_left, removed, detail) => {
    await trail.changes.deleteOne({ 'new_value.id': 3 } as never);
    await removeSeals(2);
    for (const trace of removed) await traces[trace](3);
    expect(await trail.findings()).toEqual([
      { kind: 'seal:removed', sequence: 3, detail: expect.stringMatching(detail) },
    ]);
  });

  it('also by the file of a later one, with the traces of those between gone', async () => {
    await traces.head(2);
    await removeSeals(1);
    for (const sequence of [2, 3]) await traces.record(sequence);
    await traces.file(2);
    expect(await trail.findings()).toMatchObject([{ kind: 'seal:removed', sequence: 3 }]);
    expect(await trail.verifier.verify({ after: 1, limit: 1 })).toMatchObject({ findings: [], next: 2 });
    expect(await trail.verifier.verify({ after: 2, limit: 1 })).toMatchObject({
      findings: [{ kind: 'seal:removed', sequence: 3 }],
      next: null,
    });
  });
});

it('no other seal takes the place of a removed one', async () => {
  const [third] = await trail.keeper.list(2, 1);
  await removeSeals(2);
  await trail.addBridges(4, 4);
  expect(await trail.sealer().seal()).toMatchObject([
    { sequence: 4, change_count: 1, previous_head: third!.chain_head },
  ]);
  expect(await trail.findings()).toMatchObject([{ kind: 'seal:removed', sequence: 3 }]);
});

it('beginning behind a removed seal blames none for it', async () => {
  await trail.query('delete from infratraq.audit_seal where sequence = 2');
  expect(await trail.verifier.verify({ after: 2 })).toMatchObject({ seals: 1, changes: 1, findings: [] });
});
