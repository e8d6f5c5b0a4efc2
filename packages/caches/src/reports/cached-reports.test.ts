import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { hours, days, runAsActor } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import { z } from 'zod';
import { CachedReports } from './cached-reports.js';
import { findCachedReport } from '../collections/report-cache.queries.js';
import { reportCacheKey } from './report-cache-key.js';
import { ReportCache } from '../collections/report-cache.js';
import { defineReport, type ReportDefinition } from './report-definition.js';

const parameters = z.strictObject({ project_id: z.string(), page: z.number().default(1) });

function countingReport(overrides: Partial<ReportDefinition> = {}) {
  const calls: unknown[] = [];
  const report = defineReport({
    type: `report_${randomUUID()}`,
    title: 'Counts how often it runs',
    parameters,
    freshnessSeconds: hours(1),
    generate: async (given) => {
      calls.push(given);
      return { run: calls.length, at: new Date('2026-01-01T00:00:00Z') };
    },
  });
  return { report: { ...report, ...overrides }, calls };
}

describe('cached reports', () => {
  const database = useModels(ReportCache);

  const params = { project_id: '42' };
  const stored = (cache_key: string) => database.models.findOne(findCachedReport, { cache_key });

  it('computes once, then serves the same output from the cache', async () => {
    const { report, calls } = countingReport();
    const reports = new CachedReports({ models: database.models, reports: [report] });
    const first = await reports.run(report.type, params);
    const second = await reports.run(report.type, params);
    expect(first).toMatchObject({ cache: 'miss', cache_key: reportCacheKey(report.type, params) });
    expect(second).toEqual({ ...first, cache: 'hit' });
    expect(first.output).toEqual({ run: 1, at: '2026-01-01T00:00:00.000Z' });
    expect(calls).toEqual([{ project_id: '42', page: 1 }]);
  });

  it('records who asked and what the output was computed from', async () => {
    const { report } = countingReport({ sourceEntityTypes: ['projects'] });
    const reports = new CachedReports({ models: database.models, reports: [report] });
    const { cache_key } = await runAsActor({ user_id: 'u-1', roles: ['member'], cause_id: 'cause-1' }, () =>
      reports.run(report.type, params),
    );
    expect(await stored(cache_key)).toMatchObject({
      report_type: report.type,
      params,
      requested_by: 'u-1',
      cause_id: 'cause-1',
      source_entity_types: ['projects'],
    });
  });

  it('shares one computation between callers who ask at the same time', async () => {
    const { report, calls } = countingReport();
    const reports = new CachedReports({ models: database.models, reports: [report] });
    const results = await Promise.all(Array.from({ length: 20 }, () => reports.run(report.type, params)));
    expect(calls).toHaveLength(1);
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
  });

  it('gives one output to callers of several processes that compute at the same time', async () => {
    const { report } = countingReport({ generate: async () => ({ id: randomUUID() }) });
    const processes = Array.from(
      { length: 8 },
      () => new CachedReports({ models: database.models, reports: [report] }),
    );
    const results = await Promise.all(processes.map((reports) => reports.run(report.type, params)));
    expect(new Set(results.map(({ output }) => JSON.stringify(output))).size).toBe(1);
    expect(await database.models.of(ReportCache).countDocuments({ report_type: report.type })).toBe(1);
  });

  it('computes anew from the moment that an output expires, while the document is still stored', async () => {
    const { report } = countingReport();
    let now = new Date('2026-05-01T10:00:00Z');
    const reports = new CachedReports({ models: database.models, reports: [report], now: () => now });
    const first = await reports.run(report.type, params);
    expect(first.expires_at).toEqual(new Date('2026-05-01T11:00:00Z'));
    now = new Date('2026-05-01T10:59:59.999Z');
    expect((await reports.run(report.type, params)).cache).toBe('hit');
    now = new Date('2026-05-01T11:00:00Z');
    const renewed = await reports.run(report.type, params);
    expect(renewed).toMatchObject({ cache: 'miss', output: { run: 2 } });
    expect(renewed.expires_at).toEqual(new Date('2026-05-01T12:00:00Z'));
  });

  it('holds freshness within one hour and thirty days', async () => {
    const now = new Date();
    const expiryOf = async (freshnessSeconds: number) => {
      const { report } = countingReport({ freshnessSeconds });
      const reports = new CachedReports({ models: database.models, reports: [report], now: () => now });
      return (await reports.run(report.type, params)).expires_at.getTime() - now.getTime();
    };
    expect(await expiryOf(1)).toBe(hours(1) * 1_000);
    expect(await expiryOf(days(400))).toBe(days(30) * 1_000);
  });

  it('serves and replaces what a service in another language has stored', async () => {
    const { report } = countingReport();
    const cache_key = reportCacheKey(report.type, params);
    const collection = database.connection.collection('report_cache');
    await collection.insertOne({
      cache_key,
      output_data: { from: 'elsewhere' },
      expires_at: new Date(Date.now() + 60_000),
    });
    const reports = new CachedReports({ models: database.models, reports: [report] });
    expect(await reports.run(report.type, params)).toMatchObject({
      cache: 'hit',
      output: { from: 'elsewhere' },
    });
    await collection.updateOne({ cache_key }, { $set: { expires_at: new Date(Date.now() - 1) } });
    expect(await reports.run(report.type, params)).toMatchObject({ cache: 'miss', output: { run: 1 } });
    expect(await stored(cache_key)).toMatchObject({ report_type: report.type, output_data: { run: 1 } });
  });

  it('leaves nothing behind when the generator fails, and tries again when asked again', async () => {
    let fails = true;
    const { report } = countingReport({
      generate: async () => {
        if (fails) throw new Error('the source is away');
        return 'done';
      },
    });
    const reports = new CachedReports({ models: database.models, reports: [report] });
    await expect(reports.run(report.type, params)).rejects.toThrow('the source is away');
    expect(await stored(reportCacheKey(report.type, params))).toBeNull();
    fails = false;
    expect(await reports.run(report.type, params)).toMatchObject({ cache: 'miss', output: 'done' });
  });

  it('stores outputs whose keys look like operators or paths unchanged', async () => {
    const output = { 'a.b': 1, $sum: [{ 'c.d': null }], '': {} };
    const { report } = countingReport({ generate: async () => output });
    const reports = new CachedReports({ models: database.models, reports: [report] });
    await reports.run(report.type, params);
    expect(await reports.run(report.type, params)).toMatchObject({ cache: 'hit', output });
  });

  it('refuses unknown types, invalid parameters and outputs that no document can hold', async () => {
    const { report } = countingReport({ generate: async () => 'x'.repeat(16 * 1024 * 1024) });
    const reports = new CachedReports({ models: database.models, reports: [report] });
    await expect(reports.run('nothing', {})).rejects.toMatchObject({
      code: 'report.unknown-type',
      status: 404,
    });
    await expect(reports.run(report.type, { project_id: { $gt: '' } })).rejects.toMatchObject({
      code: 'report.invalid-parameters',
      status: 400,
    });
    await expect(reports.run(report.type, params)).rejects.toMatchObject({ code: 'report.too-large' });
    expect(await stored(reportCacheKey(report.type, params))).toBeNull();
  });

  it('refuses two reports of the same type', () => {
    const { report } = countingReport();
    expect(() => new CachedReports({ models: database.models, reports: [report, report] })).toThrow(
      expect.objectContaining({ code: 'definition.report.unique' }),
    );
  });
});
