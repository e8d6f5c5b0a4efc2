import { afterEach, describe, expect, it } from '@jest/globals';
import { hours } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { AnalyticsAggregate } from '../collections/analytics-aggregate.js';
import { DashboardSnapshot } from '../collections/dashboard-snapshot.js';
import { ReportCache } from '../collections/report-cache.js';
import { invalidateSources } from '../invalidation/source-claim.js';
import { CachedReports, type CachedReportsOptions } from './cached-reports.js';
import { defineReport, type ReportDefinition } from './report-definition.js';

const database = useModels(ReportCache, DashboardSnapshot, AnalyticsAggregate);
const running: ChildProcess[] = [];
afterEach(() => {
  for (const one of running.splice(0)) one.kill('SIGKILL');
});

const parameters = { project_id: '42' };
const define = (generate: ReportDefinition['generate'], sourceEntityTypes?: string[]) =>
  defineReport({
    type: `report_${randomUUID()}`,
    title: 'Takes its time',
    parameters: z.strictObject({ project_id: z.string() }),
    freshnessSeconds: hours(1),
    generate,
    ...(sourceEntityTypes && { sourceEntityTypes }),
  });
/** What several servers are: each with its own idea of what it computes at this moment. */
const openServers = (report: ReportDefinition, options: Partial<CachedReportsOptions> = {}) =>
  Array.from(
    { length: 3 },
    () => new CachedReports({ models: database.models, reports: [report], ...options }),
  );
const countLeft = () => database.connection.collection('report_cache').countDocuments({ report_type: /^\(/ });
/** The address of the suite's database, for another process. */
function addressOf(): string {
  const address = new URL(process.env['MONGODB_URI'] ?? '');
  address.pathname = database.connection.name;
  return address.href;
}

describe('a report that is asked of several servers at once', () => {
  it.each([
    ['no sources', undefined],
    ['sources', ['projects']],
  ])('with %s is computed once, and everybody gets that output', async (_name, sources?: string[]) => {
    let computed = 0;
    const report = define(async () => {
      computed += 1;
      await delay(300);
      return { id: randomUUID() };
    }, sources);
    const servers = openServers(report);
    const asked = Array.from({ length: 12 }, async (_, place) => {
      await delay(place * 10);
      return servers[place % 3]!.run(report.type, parameters);
    });
    const results = await Promise.all(asked);
    expect(computed).toBe(1);
    expect(new Set(results.map(({ output }) => JSON.stringify(output))).size).toBe(1);
    // Those who asked the server that computed share its result.
    const kinds = servers.map(
      (_, server) => new Set(results.filter((_r, place) => place % 3 === server).map(({ cache }) => cache)),
    );
    expect(kinds.filter((kind) => kind.has('miss'))).toHaveLength(1);
    expect(await countLeft()).toBe(0);
  });

  it('whose generator fails on one is computed by the next', async () => {
    let computed = 0;
    const report = define(async () => {
      computed += 1;
      await delay(100);
      if (computed === 1) throw new Error('The source is away');
      return 'done';
    });
    const results = await Promise.allSettled(
      openServers(report).map((server) => server.run(report.type, parameters)),
    );
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(computed).toBe(2);
    expect(await countLeft()).toBe(0);
  });

  it('whose sources keep changing makes nobody wait for ever', async () => {
    let computed = 0;
    const report = define(async () => {
      computed += 1;
      const mine = computed;
      await delay(50);
      await invalidateSources(database.models, ['projects'], new Date());
      return mine;
    }, ['projects']);
    const results = await Promise.all(
      openServers(report).map((server) => server.run(report.type, parameters)),
    );
    expect(results.map(({ cache }) => cache)).toEqual(['miss', 'miss', 'miss']);
    expect(await countLeft()).toBe(0);
  });

  it('that takes longer than one waits is refused with when to ask again', async () => {
    let finish = (_output: string): void => undefined;
    const report = define(() => new Promise<string>((resolve) => (finish = resolve)));
    const [first, second] = openServers(report, { longestWaitSeconds: 0.2 });
    const computing = first!.run(report.type, parameters);
    await delay(50);
    await expect(second!.run(report.type, parameters)).rejects.toMatchObject({
      code: 'report.computing',
      status: 503,
      retryAfterMilliseconds: 10_000,
    });
    finish('done');
    expect(await computing).toMatchObject({ cache: 'miss', output: 'done' });
    expect(await second!.run(report.type, parameters)).toMatchObject({ cache: 'hit', output: 'done' });
  });

  it('is taken over from a process that was killed while it computed', async () => {
    const report = define(async () => 'done');
    const program = fileURLToPath(new URL('../testing/compute-forever.ts', import.meta.url));
    const hooks = new URL('../../../../tools/swc-hooks.mjs', import.meta.url).href;
    const child = spawn(process.execPath, ['-C', '@infratraq/source', '--import', hooks, program], {
      env: { ...process.env, NODE_OPTIONS: '', MONGODB_URI: addressOf(), REPORT_TYPE: report.type },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.push(child);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const results = await Promise.all(
      openServers(report).map((server) => server.run(report.type, parameters)),
    );
    expect(results.map(({ cache }) => cache).toSorted()).toEqual(['hit', 'hit', 'miss']);
    expect(await countLeft()).toBe(0);
  });
});
