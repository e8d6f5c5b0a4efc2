import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { Client } from 'pg';
import { EngineUnavailableError } from './engine-unavailable-error.js';

/** Databases that belong to one test suite alone. */
export interface TestDatabases {
  /** Names a database that doesn't exist yet; MongoDB creates it with the first write. */
  readonly mongodbUri: string;
  /** Names a new, empty database. */
  readonly postgresUrl: string;
  /** Removes both databases with their sessions and replication slots. */
  drop(): Promise<void>;
}

/**
 * Makes databases under a unique name on the engines that MONGODB_URI and POSTGRES_URL name; both by default, and
 * the address of one that was left out is empty.
 *
 * @throws EngineUnavailableError `engine.address-missing` when an address is not set.
 */
export async function createTestDatabases(
  wanted: { mongodb?: boolean; postgres?: boolean } = {},
): Promise<TestDatabases> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const servers = {
    mongodb: wanted.mongodb === false ? '' : readAddress('MONGODB_URI'),
    postgres: wanted.postgres === false ? '' : readAddress('POSTGRES_URL'),
  };
  if (servers.postgres) {
    await withPostgres(servers.postgres, async (client) => {
      await client.query(`CREATE DATABASE ${name}`);
    });
  }
  return {
    mongodbUri: servers.mongodb && nameDatabase(servers.mongodb, name),
    postgresUrl: servers.postgres && nameDatabase(servers.postgres, name),
    drop: async () => {
      if (servers.mongodb) await dropMongodb(nameDatabase(servers.mongodb, name));
      if (servers.postgres) await dropPostgres(servers.postgres, name);
    },
  };
}

function readAddress(variable: 'MONGODB_URI' | 'POSTGRES_URL'): string {
  const address = process.env[variable];
  if (address) return address;
  throw new EngineUnavailableError(
    'engine.address-missing',
    `${variable} is not set: run the tests through npm test or with-engines, or spread withEngines from` +
      ' jest.preset.mjs into the jest configuration.',
  );
}

/** Puts a database name into an address; written for addresses with several hosts, which URL can't parse. */
function nameDatabase(address: string, name: string): string {
  const [, server, options] = /^([a-z+]+:\/\/[^/?]+)(?:\/[^?]*)?(\?.*)?$/.exec(address) ?? [];
  if (!server) {
    throw new EngineUnavailableError(
      'engine.address-missing',
      'A database address is not of the form scheme://…',
    );
  }
  return `${server}/${name}${options ?? ''}`;
}

async function dropMongodb(uri: string): Promise<void> {
  const client = await MongoClient.connect(uri);
  try {
    await client.db().dropDatabase();
  } finally {
    await client.close();
  }
}

async function dropPostgres(serverUrl: string, name: string): Promise<void> {
  await withPostgres(serverUrl, async (client) => {
    // A slot can be dropped only once its walsender has gone, which takes a moment after its end is asked for.
    await client.query(
      `SELECT pg_terminate_backend(active_pid, 10000) FROM pg_replication_slots
       WHERE database = $1 AND active_pid IS NOT NULL`,
      [name],
    );
    await client.query(
      'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = $1',
      [name],
    );
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  });
}

async function withPostgres(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
