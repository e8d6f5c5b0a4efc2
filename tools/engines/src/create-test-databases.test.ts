import { afterEach, describe, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { Client } from 'pg';
import { createTestDatabases, type TestDatabases } from './index.js';

const made: TestDatabases[] = [];

async function makeDatabases(): Promise<TestDatabases> {
  const databases = await createTestDatabases();
  made.push(databases);
  return databases;
}

async function withMongo<T>(uri: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = await MongoClient.connect(uri);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

async function queryPostgres(url: string, text: string, values: unknown[] = []): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

const nameOf = (address: string) => new URL(address).pathname.slice(1);

afterEach(async () => {
  for (const databases of made.splice(0)) await databases.drop();
});

describe('createTestDatabases', () => {
  test('gives each caller databases that others do not see', async () => {
    const [one, other] = [await makeDatabases(), await makeDatabases()];
    await withMongo(one.mongodbUri, (client) => client.db().collection('parts').insertOne({ name: 'pump' }));
    await queryPostgres(one.postgresUrl, 'CREATE TABLE part (name text)');

    expect(
      await withMongo(other.mongodbUri, (client) => client.db().collection('parts').countDocuments()),
    ).toBe(0);
    expect(await queryPostgres(other.postgresUrl, "SELECT to_regclass('part') AS part")).toEqual([
      { part: null },
    ]);
  });

  test('drops databases that are still in use, with their replication slots', async () => {
    const databases = await makeDatabases();
    await withMongo(databases.mongodbUri, (client) =>
      client.db().collection('parts').insertOne({ name: 'pump' }),
    );
    await queryPostgres(
      databases.postgresUrl,
      "SELECT pg_create_logical_replication_slot('s_' || current_database(), 'pgoutput')",
    );
    const session = new Client({ connectionString: databases.postgresUrl });
    const ended = new Promise<Error>((resolve) => session.on('error', resolve));
    await session.connect();

    await databases.drop();

    expect(await ended).toBeInstanceOf(Error);
    const server = process.env.POSTGRES_URL as string;
    const name = nameOf(databases.postgresUrl);
    expect(await queryPostgres(server, 'SELECT 1 FROM pg_database WHERE datname = $1', [name])).toEqual([]);
    expect(
      await queryPostgres(server, 'SELECT 1 FROM pg_replication_slots WHERE database = $1', [name]),
    ).toEqual([]);
    const { databases: left } = await withMongo(databases.mongodbUri, (client) =>
      client.db('admin').admin().listDatabases(),
    );
    expect(left.map((database) => database.name)).not.toContain(nameOf(databases.mongodbUri));
  });

  test('makes only what is asked for', async () => {
    const databases = await createTestDatabases({ postgres: false });
    made.push(databases);
    expect(databases.postgresUrl).toBe('');
    expect(nameOf(databases.mongodbUri)).toMatch(/^test_/);
  });
});
