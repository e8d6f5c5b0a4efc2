// Indexes are applied from the declarations, and drift from them is found.
import { audit } from '@infratraq/audit';
import { applyIndexes, connectMongo, detectDrift, formatIndexAction } from '@infratraq/mongo';

const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples' });
const collections = audit.collections.map((collection) => collection.class);
await applyIndexes(mongo.connection, collections);
await mongo.connection.collection('entity_changelog').createIndex({ reason: 1 });
const { actions } = await detectDrift(mongo.connection, collections);
for (const action of actions) console.log(`drift: ${formatIndexAction(action)}`);
await mongo.close();
