import { once } from 'node:events';
import {
  createCapture,
  createMongoChangeSink,
  prepareCapture,
  removeCapture,
  type Capture,
} from '@infratraq/capture';
import { createTestDatabases } from '@infratraq/engines';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';
import { openPostgres } from '@infratraq/postgres';
import pg from 'pg';
import { EntityChangelog } from '../../collections/entity-changelog.js';
import { AuditHistory } from '../../history/audit-history.js';
import { auditMigrations } from '../../postgres/index.js';
import { RowRestorer } from '../../restore/row-restorer.js';
import { createMask } from '../../sensitive/mask-value.js';
import type { HistoryDesign, TransactionDesign } from './histories.js';
import { judgeHistories, judgeRowsAsOf, type Verdict } from './judge-answers.js';
import { judgePlans } from './judge-plans.js';
import { createObserver } from './observe.js';
import { nameInSql } from './write-rows.js';
import { playHistory, type PlayedHistory } from './run-history.js';

const mostWaitMilliseconds = 20_000;

/** A history with what the trail says of it. */
export interface JudgedHistory extends PlayedHistory, Verdict {
  /** What capture recorded, where something is wrong. */
  readonly recorded: readonly string[];
}

/** Databases and capture for many histories, each in schemas of its own. */
export async function openOracle() {
  const databases = await createTestDatabases();
  const { postgres, close: closePostgres } = await openPostgres(databases, [auditMigrations]);
  const names = {
    slot: `oracle_${crypto.randomUUID().replaceAll('-', '')}`,
    publication: 'infratraq_changes',
  };
  await prepareCapture(postgres, names);
  const mongo = await connectMongo({ uri: databases.mongodbUri });
  const models = bindModels(mongo.connection, [EntityChangelog]);
  await applyIndexes(mongo.connection, [EntityChangelog]);
  const client = new pg.Client({ connectionString: databases.postgresUrl });
  await client.connect();
  await client.query(`set timezone = 'UTC'; set client_min_messages = error`);
  await createObserver(client);
  const history = new AuditHistory(models);
  const restorer = new RowRestorer({
    models,
    postgres,
    fields: { list: async () => [] },
    mask: createMask('key'),
    key: 'key',
  });
  /** What capture complained of; it goes on by itself, or not. */
  const faults: string[] = [];
  let capture = await startCapture();
  let runs = 0;

  async function startCapture(): Promise<Capture> {
    const started = createCapture({
      ...names,
      postgresUrl: databases.postgresUrl,
      sink: createMongoChangeSink(mongo.connection),
      leaderPollMilliseconds: 50,
      onError: (error, doing) => faults.push(`${doing}: ${String(error)}`),
    });
    const begun = once(started, 'capture:started');
    started.start();
    await begun;
    return started;
  }

  /** Resolves once everything that was committed before this call is stored. */
  async function catchUp(): Promise<void> {
    const { rows } = await client.query<{ lsn: string }>('select pg_current_wal_insert_lsn()::text as lsn');
    const wanted = positionOf(rows[0]!.lsn);
    const reached = new Promise<void>((resolve, reject) => {
      setTimeout(
        () => reject(new Error(`Capture does not advance: ${faults.join('; ')}`)),
        mostWaitMilliseconds,
      ).unref();
      capture.on('capture:advanced', function listen({ lsn }) {
        if (positionOf(lsn) < wanted) return;
        capture.off('capture:advanced', listen);
        resolve();
      });
    });
    await client.query(`select pg_logical_emit_message(true, 'test.marker', '')`);
    await reached;
  }

  async function listRecorded(prefix: string): Promise<string[]> {
    const changes = await models
      .of(EntityChangelog)
      .find({ entity_type: new RegExp(`^"?${prefix}[xy]?\\.`) })
      .sort({ _id: 1 })
      .lean();
    return changes.map(({ _id, entity_type, entity_id, operation, changed_at, ...change }) => {
      const { old_value, new_value, unchanged_fields, moved_from, moved_to } = change;
      const told = { old_value, new_value, unchanged_fields, moved_from, moved_to };
      return `${_id} ${changed_at.toISOString()} ${entity_type} ${entity_id} ${operation} ${JSON.stringify(told).slice(0, 400)}`;
    });
  }

  /** What concerns all tables, as a publication does, is not to cost more with every history. */
  async function dropTables({ prefix, moments }: PlayedHistory): Promise<void> {
    const tables = moments
      .at(-1)!
      .tables.filter(({ isPartition }) => !isPartition)
      .map(nameInSql);
    const schemas = ['', 'x', 'y'].map((ending) => `${prefix}${ending}`).join(', ');
    const drops = tables.length > 0 ? `drop table ${tables.join(', ')};` : '';
    await client.query(`${drops} drop schema if exists ${schemas} cascade`);
  }

  async function touchCapture(how: TransactionDesign['capture'], run: () => Promise<void>): Promise<void> {
    if (how === 'is stopped') await capture.stop();
    if (how === 'publication narrowed')
      await client.query(`alter publication ${names.publication} set (publish = 'insert')`);
    try {
      await run();
    } finally {
      if (how === 'is stopped') capture = await startCapture();
      if (how === 'publication narrowed') await prepareCapture(postgres, names);
    }
  }

  return {
    async judge(design: HistoryDesign): Promise<JudgedHistory> {
      runs += 1;
      const played = await playHistory(client, design, `h${runs}`, touchCapture);
      await catchUp();
      const verdict: Verdict = { asked: 0, unknown: [], wrong: [] };
      await judgeRowsAsOf(history, played.moments, verdict);
      await judgeHistories(history, played.moments, verdict);
      await judgePlans(restorer, played.moments, verdict);
      const recorded = verdict.wrong.length > 0 ? await listRecorded(played.prefix) : [];
      await dropTables(played);
      return { ...played, ...verdict, recorded };
    },
    async close(): Promise<void> {
      await capture.stop();
      await removeCapture(postgres, names);
      await client.end();
      await closePostgres();
      await mongo.close();
      await databases.drop();
    },
  };
}

export type Oracle = Awaited<ReturnType<typeof openOracle>>;

function positionOf(lsn: string): bigint {
  const [high = '0', low = '0'] = lsn.split('/');
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}
