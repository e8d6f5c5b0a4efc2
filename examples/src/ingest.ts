// Events are recorded without waiting, and written in the background.
import { listSearchesOfUser, SearchQueryLog } from '@infratraq/activity';
import { openEvents } from '@infratraq/ingest';

const { MONGODB_URI: mongodbUri = 'mongodb://127.0.0.1/examples' } = process.env;
const { events, models, close } = await openEvents({ mongodbUri, collections: [SearchQueryLog] });
const search = { user_id: crypto.randomUUID(), source: 'search', duration_ms: 4, results_count: 3 } as const;
for (const terms of ['bridge', 'lock gate'])
  events.record(SearchQueryLog, { ...search, terms, normalized_terms: terms });
await events.flush();
console.log(`stored ${(await models.find(listSearchesOfUser, search)).length} searches`);
await close();
