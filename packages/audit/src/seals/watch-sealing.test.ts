import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { exampleDocuments } from '../example-documents.js';
import { watchSealing, type SealingWatch } from './watch-sealing.js';
import type { SealingReading } from './measure-sealing.js';
import { openSealedTrail, type SealedTrail } from '../testing/open-sealed-trail.js';

let trail: SealedTrail;
let watch: SealingWatch | undefined;

beforeEach(async () => void (trail = await openSealedTrail()));
afterEach(async () => {
  await watch?.stop();
  await trail.close();
});

const inAnHour = () => new Date(Date.now() + 3_600_000);
const firstId = async () => (await trail.changes.find().sort({ _id: 1 }).limit(1).toArray())[0]!._id;
const next = async (event: 'sealing:stalled' | 'sealing:recovered' | 'sealing:measured') =>
  ((await once(watch!, event)) as [SealingReading])[0];

it('tells when changes wait too long for their seal, and when no longer', async () => {
  await trail.addBridges(1, 2);
  watch = watchSealing({ ...trail, now: inAnHour, intervalMilliseconds: 20 });
  const stalled = await next('sealing:stalled');
  expect(stalled).toMatchObject({ last_sequence: 0, oldest_unsealed_id: await firstId() });
  expect(stalled.unsealed_seconds).toBeGreaterThan(3_500);
  expect(await trail.verifierOf({ now: inAnHour }).verify()).toMatchObject({
    unsealed_seconds: expect.any(Number),
    findings: [
      {
        kind: 'change:unsealed',
        change_id: await firstId(),
        detail: expect.stringContaining('stands still'),
      },
    ],
  });
  expect(await trail.verifier.verify()).toMatchObject({ findings: [] });

  const recovered = next('sealing:recovered');
  await trail.sealer().seal();
  expect(await recovered).toEqual({ last_sequence: 1, oldest_unsealed_id: undefined, unsealed_seconds: 0 });
  expect(watch.reading()).toMatchObject({ last_sequence: 1 });
  expect(await trail.verifierOf({ now: inAnHour }).verify()).toMatchObject({
    unsealed_seconds: 0,
    findings: [],
  });
});

it('counts from when sealing came as far as it could: what capture brings late has not waited', async () => {
  await trail.sealer().seal();
  await trail.addBridges(1, 1);
  await trail.changes.updateMany({}, { $set: { changed_at: new Date(0) } } as never);
  watch = watchSealing({ ...trail, intervalMilliseconds: 20 });
  expect((await next('sealing:measured')).unsealed_seconds).toBeLessThan(600);
  await trail.query(`update infratraq.audit_seal_head set complete_at = '1970-01-02'`);
  expect((await next('sealing:stalled')).unsealed_seconds).toBeGreaterThan(600);
});

it('is not put off by times to come', async () => {
  await trail.addBridges(1, 2);
  await trail.sealer(1).seal();
  await trail.query(`delete from infratraq.audit_seal where sequence = 2`);
  await trail.query(`update infratraq.audit_seal set sealed_at = '2999-01-01'`);
  await trail.query(
    `update infratraq.audit_seal_head set complete_at = '2999-01-01', (sequence, last_id, chain_head) =
       (select sequence, last_id, chain_head from infratraq.audit_seal)`,
  );
  await trail.changes.updateMany({}, { $set: { changed_at: new Date('2999-01-01') } } as never);
  watch = watchSealing({ ...trail, intervalMilliseconds: 20 });
  expect((await next('sealing:stalled')).oldest_unsealed_id).toBe(
    (await trail.changes.find().sort({ _id: -1 }).limit(1).toArray())[0]!._id,
  );
});

it('names a change that the changelog refused and that waits for its seal', async () => {
  await trail.changes.createIndex({ 'new_value.name': 1 }, { unique: true });
  await trail.addBridges(1, 1);
  await trail.sealer().seal();
  await trail.addBridges(1, 1);
  const { findings } = await trail.verifierOf({ now: inAnHour }).verify();
  const [refused] = await trail.query('select change_id from infratraq.capture_refused_change');
  expect(findings).toMatchObject([{ kind: 'change:unsealed', change_id: refused!['change_id'] }]);
});

it('calls a change that was never captured what it is, and not late', async () => {
  await trail.changes.insertOne({ ...exampleDocuments.EntityChangelog(), _id: 'zzzz' } as never);
  expect((await trail.verifierOf({ now: inAnHour }).verify()).findings).toMatchObject([
    { kind: 'change:inserted', change_id: 'zzzz' },
  ]);
});

it('tells that a database does not answer, and goes on', async () => {
  const fault = new Error('gone');
  let faulty = true;
  const keeper = {
    ...trail.keeper,
    readHead: () => (faulty ? Promise.reject(fault) : trail.keeper.readHead()),
  };
  watch = watchSealing({ ...trail, keeper, intervalMilliseconds: 20 });
  expect(await once(watch, 'watch:failed')).toEqual([{ error: fault }]);
  faulty = false;
  expect(await next('sealing:measured')).toMatchObject({ unsealed_seconds: 0 });
});
