// What people search for in vain, newest first.
import { randomUUID } from 'node:crypto';
import {
  activity,
  listSearchesOfUser,
  listSearchesWithoutResults,
  SearchQueryLog,
} from '@infratraq/activity';
import { hours } from '@infratraq/kernel';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';

const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples' });
const collections = activity.collections.map((collection) => collection.class);
await applyIndexes(mongo.connection, collections);
const models = bindModels(mongo.connection, collections);

const user_id = `u-${randomUUID()}`;
for (const [terms, results_count] of [
  ['bridge bearing', 12],
  ['brigde bearing', 0],
] as const)
  await models.of(SearchQueryLog).create({
    user_id,
    source: 'search',
    terms,
    normalized_terms: terms,
    results_count,
    duration_ms: 6,
    searched_at: new Date(),
  });

const searches = await models.find(listSearchesOfUser, { user_id });
console.log(`${user_id} searched ${searches.length} times`);
const anHourAgo = new Date(Date.now() - hours(1) * 1_000);
const page = await models.page(listSearchesWithoutResults, { from: anHourAgo }, { limit: 5 });
for (const { terms } of page.items) console.log(`found nothing: ${terms}`);
await mongo.close();
