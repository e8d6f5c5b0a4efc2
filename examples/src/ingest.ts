// Events are recorded without waiting, and written in the background; one that is not sound is told apart.
import { randomBytes, randomUUID } from 'node:crypto';
import { activity, listSearchesOfUser, SearchQueryLog } from '@infratraq/activity';
import { createEventWriter } from '@infratraq/ingest';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';

const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples' });
const collections = activity.collections.map((collection) => collection.class);
await applyIndexes(mongo.connection, collections);
const models = bindModels(mongo.connection, collections);

// Personal fields are stored as digests under this key; a real one is kept.
const writer = createEventWriter({ models, redactionKey: randomBytes(32) });
writer.events.on('event:rejected', ({ reason }) => console.log(`rejected: ${reason}`));

const search = { user_id: `u-${randomUUID()}`, source: 'search' as const, page: 1, duration_ms: 4 };
for (const terms of ['bridge', 'lock gate'])
  writer.record(SearchQueryLog, { ...search, terms, normalized_terms: terms, results_count: 3 });
writer.record(SearchQueryLog, { ...search, results_count: -1 });
await writer.flush();

const stored = await models.find(listSearchesOfUser, { user_id: search.user_id });
console.log(
  `stored ${stored.length} searches in ${writer.metrics().collections['search_query_log']?.batches} batch`,
);
await writer.close();
await mongo.close();
