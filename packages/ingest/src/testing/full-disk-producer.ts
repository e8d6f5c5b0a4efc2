import { once } from 'node:events';
import { bindModels, connectMongo } from '@infratraq/mongo';
import { createEventWriter } from '../index.js';
import { SiteRecord } from './site-record.js';

/** The program whose disk is full: files it writes may take a few blocks and no more (its shell has set that limit). */
const { MONGODB_URI = '', JOURNAL = '', EVENTS = '0' } = process.env;
const mongo = await connectMongo({ uri: MONGODB_URI });
const writer = createEventWriter({
  models: bindModels(mongo.connection, [SiteRecord]),
  journalFolder: JOURNAL,
});
const degraded = once(writer.events, 'writer:degraded');
for (let number = 0; number < Number(EVENTS); number += 1) writer.record(SiteRecord, { number });
const [degradation] = await degraded;
await writer.flush();
const metrics = writer.metrics();
const { undelivered, kept } = await writer.close();
await mongo.close();
process.stdout.write(JSON.stringify({ degradation: degradation as unknown, metrics, undelivered, kept }));
