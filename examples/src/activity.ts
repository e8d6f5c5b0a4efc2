// What people search for in vain.
import { listSearchesWithoutResults, openActivity, SearchQueryLog } from '@infratraq/activity';

const mongodbUri = process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples';
const { models, close } = await openActivity({ mongodbUri });
const search = { user_id: 'u-7', source: 'search', results_count: 0, duration_ms: 6 } as const;
const words = { terms: 'Brigde bearing', normalized_terms: 'brigde bearing' };
await models.of(SearchQueryLog).create({ ...search, ...words, searched_at: new Date() });
const { items } = await models.page(listSearchesWithoutResults, {}, { limit: 5 });
for (const { normalized_terms } of items) console.log(`found nothing: ${normalized_terms}`);
await close();
