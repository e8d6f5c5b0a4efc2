import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { startDocumentdb } from './index.js';

let dataDirectory: string;

beforeAll(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'infratraq-documentdb-'));
});

afterAll(async () => {
  await rm(dataDirectory, { recursive: true, force: true });
});

test('searches text by weight, and still does after a restart on the same folder', async () => {
  const searchParts = async (uri: string, prepare: (client: MongoClient) => Promise<unknown>) => {
    const client = await MongoClient.connect(uri);
    try {
      await prepare(client);
      const found = client
        .db('search')
        .collection('parts')
        .find({ $text: { $search: 'pump' } })
        .sort({ score: { $meta: 'textScore' } })
        .project({ _id: 1 });
      return (await found.toArray()).map((part) => part._id);
    } finally {
      await client.close();
    }
  };
  const first = await startDocumentdb({ dataDirectory });
  const found = await searchParts(first.uri, async (client) => {
    const parts = client.db('search').collection<{ _id: number; name: string; note: string }>('parts');
    await parts.createIndex({ name: 'text', note: 'text' }, { weights: { name: 10, note: 1 } });
    await parts.insertMany([
      { _id: 1, name: 'valve', note: 'belongs to the pump' },
      { _id: 2, name: 'pump', note: 'red' },
      { _id: 3, name: 'pipe', note: 'blue' },
    ]);
  });
  await first.stop();
  expect(found).toEqual([2, 1]);

  const second = await startDocumentdb({ dataDirectory });
  const foundAgain = await searchParts(second.uri, async () => undefined);
  await second.stop();
  expect(foundAgain).toEqual([2, 1]);
});
