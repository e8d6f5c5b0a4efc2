import { openSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { bindModels, connectMongo } from '@infratraq/mongo';
import { createEventWriter } from '../index.js';
import { SiteNote, SiteRecord } from './site-record.js';

/**
 * The program that is killed: it records consecutive numbers and writes down, synchronously, the last that `record`
 * accepted (journal-first) or that a flush acknowledged (buffered).
 */
const { MONGODB_URI = '', JOURNAL = '', LEDGER = '', FIRST = '0', LAST = '0', COLLECTION = '' } = process.env;
const target = COLLECTION === 'site_note' ? SiteNote : SiteRecord;
const mongo = await connectMongo({ uri: MONGODB_URI });
const writer = createEventWriter({
  models: bindModels(mongo.connection, [SiteNote, SiteRecord]),
  journalFolder: JOURNAL,
});
const ledger = openSync(LEDGER, 'a');
process.send?.('ready');
for (let number = Number(FIRST); number < Number(LAST); number += 1) {
  writer.record(target, { number });
  if (target === SiteRecord) writeSync(ledger, `${number}\n`);
  if (number % 50 !== 49) continue;
  if (target === SiteNote && number % 200 === 199) {
    await writer.flush();
    writeSync(ledger, `${number}\n`);
  }
  await delay(2);
}
const { undelivered, kept } = await writer.close({ deadlineMilliseconds: 30_000 });
process.send?.(
  {
    undelivered,
    kept,
    refused: writer.metrics().collections[target === SiteNote ? 'site_note' : 'site_record']?.refused ?? 0,
  },
  undefined,
  undefined,
  () => process.exit(0),
);
