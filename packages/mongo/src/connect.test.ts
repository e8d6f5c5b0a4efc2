import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { connectMongo } from './connect.js';
import { capabilityNames } from './probe-capabilities.js';

let databases: TestDatabases;
beforeAll(async () => {
  databases = await createTestDatabases({ postgres: false });
});
afterAll(() => databases.drop());

describe('connectMongo', () => {
  it('names the engine, says of each feature whether it works, and leaves nothing behind', async () => {
    const mongo = await connectMongo({ uri: databases.mongodbUri });
    const { capabilities } = mongo;
    const known: Record<string, Partial<typeof capabilities>> = {
      mongodb: { text: true, transactions: true, changeStreams: true, oplog: true },
      secantusdb: { text: false, transactions: true, changeStreams: true, oplog: true, profiler: true },
      ferretdb: { text: true, transactions: false, changeStreams: false, oplog: false, profiler: false },
    };
    expect(capabilities).toMatchObject(known[capabilities.engine] ?? { engine: 'one of the known engines' });
    const off = capabilityNames.filter((name) => !capabilities[name]);
    expect(capabilities.off).toHaveLength(off.length);
    expect(await mongo.connection.db?.listCollections().toArray()).toEqual([]);
    await mongo.close();
  });

  it('reads from the primary what a majority has, whatever the URI says, and tells so', async () => {
    const separator = databases.mongodbUri.includes('?') ? '&' : '?';
    const stated = 'readPreference=secondary&readPreferenceTags=dc:west&maxStalenessSeconds=120';
    const mongo = await connectMongo({ uri: `${databases.mongodbUri}${separator}${stated}` });
    try {
      const { readPreference, readConcern, writeConcern } = mongo.connection.db!.collection('parts');
      expect(readPreference?.mode).toBe('primary');
      expect(readConcern).toMatchObject({ level: 'majority' });
      expect(writeConcern).toMatchObject({ w: 'majority' });
      expect(mongo.notices).toHaveLength(3);
      expect(mongo.notices[0]).toContain('readPreference=secondary');
    } finally {
      await mongo.close();
    }
  });

  it('says that no server answers, without the password', async () => {
    const uri = 'mongodb://somebody:secret@127.0.0.1:9/?serverSelectionTimeoutMS=200';
    const failure: Error = await connectMongo({ uri }).then(
      () => new Error('connected'),
      (error) => error as Error,
    );
    expect(failure).toMatchObject({ code: 'mongo.unreachable' });
    expect(failure.message).toContain('127.0.0.1:9');
    expect(failure.message).not.toContain('secret');
  });
});
