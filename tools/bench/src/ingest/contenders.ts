import { createEventWriter } from '@infratraq/ingest';
import { bindModels } from '@infratraq/mongo';
import type { DocumentClass } from '@infratraq/kernel';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import winston from 'winston';
import { MongoDB as MongoTransport } from 'winston-mongodb';
import { BenchEvent, BenchRecord, makeEvent } from './bench-event.js';
import { connect, inStretches, yieldTurn, type ContenderFactory } from './contender.js';

const batch = 1_000;
const inFlight = 64;
const enoughInMemory = 24 * 1024 * 1024;

function makeEvents(from: number, to: number): ReturnType<typeof makeEvent>[] {
  return Array.from({ length: to - from }, (_, place) => makeEvent(from + place));
}

const rawInsertMany: ContenderFactory = async (uri) => {
  const collection = (await connect(uri)).db!.collection('bench_event');
  return {
    collection: 'bench_event',
    store: (from, to) =>
      inStretches(from, to, batch, (start, end) =>
        collection.insertMany(makeEvents(start, end), { ordered: false, writeConcern: { w: 'majority' } }),
      ),
  };
};

const mongooseInsertMany: ContenderFactory = async (uri) => {
  const model = bindModels(await connect(uri), [BenchEvent]).of(BenchEvent);
  return {
    collection: 'bench_event',
    store: (from, to) =>
      inStretches(from, to, batch, (start, end) =>
        model.insertMany(makeEvents(start, end), { ordered: false }),
      ),
  };
};

const mongooseCreate: ContenderFactory = async (uri) => {
  const model = bindModels(await connect(uri), [BenchEvent]).of(BenchEvent);
  return {
    collection: 'bench_event',
    store: (from, to) =>
      inStretches(from, to, inFlight, (start, end) =>
        Promise.all(makeEvents(start, end).map((event) => model.create(event))),
      ),
  };
};

const winstonMongodb: ContenderFactory = async (uri) => {
  const logger = winston.createLogger({
    transports: [new MongoTransport({ db: uri, collection: 'bench_log', options: { maxPoolSize: 10 } })],
  });
  return {
    collection: 'bench_log',
    store: async (from, to) => {
      for (let index = from; index < to; index += 1) {
        const isTaken = logger.write({ level: 'info', message: 'page:viewed', metadata: makeEvent(index) });
        if (!isTaken) await once(logger, 'drain');
        if (index % 100 === 99) await yieldTurn();
      }
    },
  };
};

const pinoMongodb: ContenderFactory = async (uri) => {
  const transport = pino.transport({
    target: 'pino-mongodb',
    options: { uri, collection: 'bench_event' },
  });
  await new Promise((resolve) => transport.once('ready', resolve));
  const logger = pino({ base: null }, transport);
  return {
    collection: 'bench_event',
    store: async (from, to) => {
      for (let index = from; index < to; index += 1) {
        logger.info(makeEvent(index));
        if (index % 100 === 99) await yieldTurn();
      }
    },
  };
};

function ourWriter<T extends BenchEvent>(target: DocumentClass<T>, collection: string): ContenderFactory {
  return async (uri) => {
    const writer = createEventWriter({
      models: bindModels(await connect(uri), [target]),
      redactionKey: 'a key of the benchmark, of no worth to anybody',
      journalFolder: mkdtempSync(join(process.env['JOURNAL_ROOT'] ?? tmpdir(), 'journal-')),
    });
    return {
      collection,
      store: async (from, to) => {
        for (let index = from; index < to; index += 1) {
          writer.record(target, makeEvent(index) as Partial<T>);
          // The producer of a benchmark is nobody's request: it has to let others have their turn by itself.
          if (index % batch !== batch - 1) continue;
          await yieldTurn();
          while (writer.metrics().bytes > enoughInMemory) await delay(2);
        }
        await writer.flush();
      },
    };
  };
}

/** Every contender by its name. */
export const contenders = {
  'raw insertMany': rawInsertMany,
  'mongoose insertMany': mongooseInsertMany,
  'mongoose create': mongooseCreate,
  'winston-mongodb': winstonMongodb,
  'pino-mongodb': pinoMongodb,
  ours: ourWriter(BenchEvent, 'bench_event'),
  'ours, journal-first': ourWriter(BenchRecord, 'bench_record'),
} as const satisfies Record<string, ContenderFactory>;

export type ContenderName = keyof typeof contenders;
