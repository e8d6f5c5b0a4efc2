import { createTestDatabases, eventually, type TestDatabases } from '@infratraq/engines';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createConnection } from 'mongoose';
import pg from 'pg';
import { openCapture, listRefusedChanges } from './index.js';

let databases: TestDatabases;
beforeEach(async () => (databases = await createTestDatabases()));
afterEach(() => databases.drop());

it('captures between connections of the caller, which stay open, whatever they are made from', async () => {
  const url = new URL(databases.postgresUrl);
  const pool = new pg.Pool({
    host: url.hostname,
    port: Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
  });
  const connection = await createConnection(databases.mongodbUri).asPromise();
  const { capture, close } = await openCapture({ pool, connection });
  await pool.query('create table diary (id int primary key)');
  await pool.query('insert into diary values (1); delete from diary');
  await eventually(capture.status.bind(capture), ({ changes }) => changes === 2);
  await close();
  expect(capture.status().state).toBe('stopped');
  const { rows } = await pool.query('select slot_name from pg_replication_slots where database = $1', [
    url.pathname.slice(1),
  ]);
  expect(rows).toEqual([{ slot_name: `infratraq_${url.pathname.slice(1)}` }]);
  const changes = await connection.collection('entity_changelog').find().toArray();
  expect(changes.map(({ operation }) => operation as string)).toEqual(['INSERT', 'DELETE']);
  await Promise.all([pool.end(), connection.close()]);
});

it('keeps what the changelog refuses, goes on, and closes what it opened', async () => {
  const { postgresUrl, mongodbUri } = databases;
  const refused: string[] = [];
  const opened = await openCapture({
    postgresUrl,
    mongodbUri,
    onRefused: async ({ change }) => void refused.push(change.entity_id),
  });
  const { connection, postgres, capture } = opened;
  const changelog = connection.collection('entity_changelog');
  await changelog.createIndex({ 'new_value.serial': 1 }, { unique: true });
  await postgres.pool.query('create table badges (id int primary key, serial text)');
  await postgres.pool.query(`insert into badges values (1, 'a'), (2, 'a'), (3, 'b')`);
  await eventually(
    () => refused,
    ({ length }) => length === 1,
  );
  await eventually(
    () => changelog.countDocuments(),
    (count) => count === 2,
  );
  await eventually(capture.status.bind(capture), ({ changes }) => changes === 3);
  expect(refused).toEqual(['2']);
  expect(await listRefusedChanges(postgres)).toMatchObject([{ entity_type: 'badges' }]);
  await opened.close();
  await expect(postgres.pool.query('select 1')).rejects.toThrow();
  expect(connection.readyState).toBe(0);
});
