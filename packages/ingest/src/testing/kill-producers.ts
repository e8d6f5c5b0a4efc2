import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectMongo } from '@infratraq/mongo';

const program = fileURLToPath(new URL('./producer.ts', import.meta.url));
const hooks = new URL('../../../../tools/swc-hooks.mjs', import.meta.url).href;
const numbersPerProducer = 1_000_000;

/** What became of what killed producers had recorded. */
export interface Toll {
  /** Numbers that were accepted (journal-first) or acknowledged by a flush (buffered). */
  readonly promised: number;
  readonly lost: number;
  readonly doubled: number;
}

/** Kills one producer after another with SIGKILL at a random moment, lets a last one take over the journal, and counts. */
export async function killProducers(
  mongodbUri: string,
  collection: 'site_record' | 'site_note',
  kills: number,
): Promise<Toll> {
  const folder = mkdtempSync(join(tmpdir(), 'infratraq-producers-'));
  const ledger = join(folder, 'ledger');
  writeFileSync(ledger, '');
  const start = (first: number, last: number): ChildProcess =>
    fork(program, {
      execArgv: ['-C', '@infratraq/source', '--import', hooks],
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        MONGODB_URI: mongodbUri,
        JOURNAL: join(folder, 'journal'),
        LEDGER: ledger,
        COLLECTION: collection,
        FIRST: String(first),
        LAST: String(last),
      },
    });
  try {
    for (let round = 0; round < kills; round += 1) {
      const producer = start(round * numbersPerProducer, (round + 1) * numbersPerProducer);
      await once(producer, 'message');
      const exited = once(producer, 'exit');
      // At any moment, also that of the first event; this is the fault, not a wait for something.
      await delay(Math.random() * 250);
      producer.kill('SIGKILL');
      await exited;
    }
    const heir = start(0, 0);
    await once(heir, 'message');
    await once(heir, 'exit');
    return await count(mongodbUri, collection, readPromises(ledger, collection));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A flushed number stands for all of its producer before it. */
function readPromises(ledger: string, collection: string): number[] {
  const numbers = readFileSync(ledger, 'utf8').split('\n').slice(0, -1).map(Number);
  if (collection === 'site_record') return numbers;
  const furthest = new Map<number, number>();
  for (const number of numbers) furthest.set(Math.floor(number / numbersPerProducer), number);
  return [...furthest].flatMap(([producer, last]) =>
    Array.from(
      { length: (last % numbersPerProducer) + 1 },
      (_, place) => producer * numbersPerProducer + place,
    ),
  );
}

async function count(uri: string, collection: string, promised: readonly number[]): Promise<Toll> {
  const mongo = await connectMongo({ uri });
  try {
    const documents = await mongo.connection
      .collection(collection)
      .find({}, { projection: { number: 1 } })
      .toArray();
    const stored = new Set(documents.map((document) => document['number'] as number));
    return {
      promised: promised.length,
      lost: promised.filter((number) => !stored.has(number)).length,
      doubled: documents.length - stored.size,
    };
  } finally {
    await mongo.close();
  }
}
