// Indexes are planned from the declarations, applied, and compared with what is live.
import { audit } from '@infratraq/audit';
import { applyIndexes, connectMongo, detectDrift, formatIndexAction, planIndexes } from '@infratraq/mongo';

const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples' });
const collections = audit.collections.map((collection) => collection.class);

const plan = await planIndexes(mongo.connection, collections);
console.log(`to do: ${plan.actions.length} actions`);
for (const action of plan.actions.slice(0, 3)) console.log(formatIndexAction(action));

await applyIndexes(mongo.connection, collections);
await mongo.connection.collection('entity_changelog').createIndex({ reason: 1 });
const drift = await detectDrift(mongo.connection, collections);
for (const action of drift.actions) console.log(`drift: ${formatIndexAction(action)}`);

const { actions } = await applyIndexes(mongo.connection, collections, { prune: true });
console.log(`done: ${actions.map(({ kind }) => kind).join(', ')}; nothing is left to do`);
await mongo.close();
