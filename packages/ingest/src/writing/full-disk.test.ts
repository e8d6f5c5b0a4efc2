import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import {
  canMount,
  createTestDatabases,
  mountSmallDisk,
  type SmallDisk,
  type TestDatabases,
} from '@infratraq/engines';
import { bindModels, connectMongo, type Mongo } from '@infratraq/mongo';
import {
  claimJournalFolder,
  createEventWriter,
  readDocument,
  type EventWriter,
  type RecordedEvent,
} from '../index.js';
import { SiteNote } from '../testing/site-record.js';

const page = 'x'.repeat(1_000);
const recordedAtOnce = 50;

let databases: TestDatabases;
let mongo: Mongo;
let disk: SmallDisk | undefined;
let writer: EventWriter | undefined;
beforeAll(async () => {
  databases = await createTestDatabases({ postgres: false });
  mongo = await connectMongo({ uri: databases.mongodbUri });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await writer?.close({ deadlineMilliseconds: 0 });
  disk?.remove();
  disk = undefined;
});
afterAll(async () => {
  await mongo.close();
  await databases.drop();
});

/** A store that is away until it is told to be back, and keeps what it is given. */
function openStore(durability: 'buffered' | 'journal-first') {
  const stored: number[] = [];
  const store = { isAway: true, stored, record: (_document: object) => true };
  store.record = writer!.openStore({
    name: 'table:notes',
    durability,
    sink: async (events: readonly RecordedEvent[]) => {
      if (store.isAway) return { written: [], poisoned: [], again: events, fault: new Error('It is away') };
      stored.push(...events.map((event) => readDocument(event)['number'] as number));
      return { written: events, poisoned: [], again: [] };
    },
  });
  return store;
}

// Where no file system can be mounted, `journal-faults.test.ts` fills one by a limit of the shell.
if (canMount())
  it.each(['buffered', 'journal-first'] as const)(
    'a writer of %s events loses none that it took while its disk fills and the database is away, and tells once how many it refused',
    async (durability) => {
      disk = mountSmallDisk(512);
      const lines: [string, object][] = [];
      const say = (details: object, message: string) => void lines.push([message, details]);
      writer = createEventWriter({
        models: bindModels(mongo.connection, [SiteNote]),
        journalFolder: claimJournalFolder(join(disk.path, 'journal')),
        maximumBytes: 200_000,
        log: { warn: say, error: say },
      });
      const ended: object[] = [];
      writer.events.on('refusal:ended', (spell) => ended.push(spell));
      const store = openStore(durability);
      const taken: number[] = [];
      let number = 0;
      let clock = Date.now();
      jest.spyOn(Date, 'now').mockImplementation(() => clock);
      // What a client does: batches, of which the first so many are taken.
      const send = () => {
        const end = number + recordedAtOnce;
        for (; number < end; number += 1) if (store.record({ number, page })) taken.push(number);
        clock += 200;
      };
      for (let batch = 0; batch < 40; batch += 1) {
        send();
        await new Promise(setImmediate);
      }
      const refused = number - taken.length;
      expect(refused).toBeGreaterThan(500);
      expect(writer.metrics().collections['table:notes']?.refused).toBe(refused);
      store.isAway = false;
      expect(await writer.flush()).toBe(true);
      clock += 11_000;
      send();
      expect(await writer.flush()).toBe(true);
      expect(store.stored.toSorted((left, right) => left - right)).toEqual(taken);
      const said = lines.map(([message]) => message);
      expect(said.filter((message) => message.startsWith('events are refused'))).toHaveLength(1);
      expect(lines.filter(([message]) => message.startsWith('events are taken again'))).toEqual([
        [expect.any(String), expect.objectContaining({ refused, collections: { 'table:notes': refused } })],
      ]);
      expect(ended).toEqual([expect.objectContaining({ refused })]);
      expect(lines.filter(([message]) => message === 'event journal')).toEqual([
        [
          'event journal',
          expect.objectContaining({
            kind: 'write-failed',
            error: expect.objectContaining({
              code: 'storage.full',
              message: expect.stringContaining(disk.path),
            }),
          }),
        ],
      ]);
      // Only journal-first events need the journal while the database works.
      expect(said.filter((message) => message === 'the event journal can be written again')).toHaveLength(
        durability === 'journal-first' ? 1 : 0,
      );
      expect(said.length).toBeLessThan(8);
    },
  );
else it('finds no disk to fill, and has said so', () => expect(canMount()).toBe(false));
