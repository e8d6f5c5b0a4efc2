import { expect } from '@jest/globals';
import { startMongo } from '@infratraq/engines';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killEngines } from './kill-engines.js';
import { killProducers } from './kill-producers.js';
import { SiteNote, SiteRecord } from './site-record.js';

/** Kills the engine so many times under load and holds the writer to its promise: nothing lost, nothing doubled. */
export async function expectEngineKillsToCostNothing(
  collection: 'site_record' | 'site_note',
  kills: number,
): Promise<void> {
  const { metrics, ...toll } = await killEngines(collection === 'site_note' ? SiteNote : SiteRecord, kills);
  expect(toll).toMatchObject({ lost: 0, doubled: 0, stored: toll.recorded });
  expect(metrics).toMatchObject({
    written: toll.recorded,
    rejected: 0,
    refused: 0,
    unjournaled: 0,
    depth: 0,
  });
  expect(metrics.retries).toBeGreaterThan(0);
  expect(metrics.journaled).toBeGreaterThan(0);
}

/** Kills so many producers and holds the writer to its promise: nothing that was promised is lost, nothing doubled. */
export async function expectProducerKillsToCostNothing(
  collection: 'site_record' | 'site_note',
  kills: number,
): Promise<void> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'infratraq-crash-'));
  const engine = await startMongo({ dataDirectory, durable: true });
  try {
    const toll = await killProducers(engine.uri, collection, kills);
    expect(toll).toMatchObject({ lost: 0, doubled: 0 });
    expect(toll.promised).toBeGreaterThan(0);
  } finally {
    await engine.stop();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}
