import { expect, it } from '@jest/globals';
import { hours } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AnalyticsAggregate } from '../collections/analytics-aggregate.js';
import { CachedReports } from '../reports/cached-reports.js';
import { DashboardSnapshot } from '../collections/dashboard-snapshot.js';
import { documents } from '../example-documents.js';
import { FigureWriter } from '../dashboards/figure-writer.js';
import { listCachedReportsOfType } from '../collections/report-cache.queries.js';
import { ReportCache } from '../collections/report-cache.js';
import { defineReport } from '../reports/report-definition.js';
import { claimType, invalidateSources } from './source-claim.js';

const database = useModels(ReportCache, DashboardSnapshot, AnalyticsAggregate);

/** A report over one row, with what happens while it is being computed. */
function openReport(meanwhile: () => Promise<void> = () => Promise.resolve()) {
  const row = { value: 'old' };
  const report = defineReport({
    type: `report_${randomUUID()}`,
    title: 'Shows a row',
    parameters: z.strictObject({}),
    freshnessSeconds: hours(1),
    sourceEntityTypes: ['rows'],
    generate: async () => {
      const read = { ...row };
      await meanwhile();
      return read;
    },
  });
  const reports = new CachedReports({ models: database.models, reports: [report] });
  return { row, type: report.type, ask: () => reports.run(report.type, {}) };
}
const invalidate = (...types: string[]) => invalidateSources(database.models, types, new Date());
const claims = () => database.models.of(ReportCache).countDocuments({ report_type: claimType });

it('never keeps a report of rows that changed, and were invalidated, while it was computed', async () => {
  let changes = 1;
  const { row, ask } = openReport(async () => {
    if ((changes -= 1) < 0) return;
    row.value = 'new';
    await invalidate('others', 'rows');
  });
  expect(await ask()).toMatchObject({ cache: 'miss', output: { value: 'old' } });
  expect(await ask()).toMatchObject({ cache: 'miss', output: { value: 'new' } });
  expect(await ask()).toMatchObject({ cache: 'hit', output: { value: 'new' } });
  expect(await claims()).toBe(0);
});

it('keeps it when others changed meanwhile, and forgets it when its own rows change after that', async () => {
  const { row, ask, type } = openReport(() => invalidate('others'));
  await ask();
  expect(await ask()).toMatchObject({ cache: 'hit' });
  row.value = 'new';
  await invalidate('rows');
  expect(await ask()).toMatchObject({ cache: 'miss', output: { value: 'new' } });
  await invalidateSources(database.models, '*', new Date());
  expect(await database.models.find(listCachedReportsOfType, { report_type: type })).toEqual([]);
});

it('shows a report that is being computed to nobody, and leaves nothing of one that fails', async () => {
  const { ask, type } = openReport(async () => {
    expect(await claims()).toBe(1);
    expect(await database.models.find(listCachedReportsOfType, { report_type: type })).toEqual([]);
    throw new Error('the source is away');
  });
  await expect(ask()).rejects.toThrow('the source is away');
  expect(await claims()).toBe(0);
});

it('marks figures as stale once a source changes, and from the start where it did meanwhile', async () => {
  const writer = new FigureWriter({ models: database.models });
  const snapshots = database.models.of(DashboardSnapshot);
  const aggregates = database.models.of(AnalyticsAggregate);
  const { stale_since: _snapshot, ...example } = documents.DashboardSnapshot();
  const { stale_since: _aggregate, ...aggregate } = documents.AnalyticsAggregate();
  const snapshotAt = (computed_at: Date) => ({ ...example, computed_at });
  const staleSnapshots = async () =>
    (await snapshots.find().sort({ computed_at: 1 }).lean()).map(
      ({ stale_since }) => stale_since !== undefined,
    );

  expect(await writer.storeSnapshot(['projects'], async () => snapshotAt(new Date(1)))).toBe(true);
  expect(await writer.storeAggregate(['projects'], async () => aggregate)).toBe(true);
  await invalidate('others');
  expect(await staleSnapshots()).toEqual([false]);
  await invalidate('projects');
  expect(await staleSnapshots()).toEqual([true]);
  expect(await aggregates.findOne().lean()).toMatchObject({ stale_since: expect.any(Date) });

  const isFresh = await writer.storeSnapshot(['projects'], async () => {
    await invalidate('projects');
    return snapshotAt(new Date(2));
  });
  expect(isFresh).toBe(false);
  await writer.storeSnapshot(['projects'], async () => snapshotAt(new Date(3)));
  await writer.storeAggregate(['projects'], async () => aggregate);
  expect(await staleSnapshots()).toEqual([true, true, false]);
  expect((await aggregates.findOne().lean())?.stale_since).toBeUndefined();
  expect(await aggregates.countDocuments()).toBe(1);
  const failing = writer.storeSnapshot(['projects'], () => Promise.reject(new Error('the source is away')));
  await expect(failing).rejects.toThrow('the source is away');
  expect(await claims()).toBe(0);
});
