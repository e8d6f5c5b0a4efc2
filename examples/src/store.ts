// The whole store as a value: every category, every collection, its policy and expected size.
import { decide, expectSize, formatRetention, traitsOf } from '@infratraq/kernel';
import { applyIndexes, connectMongo } from '@infratraq/mongo';
import { store } from '@infratraq/store';

console.log(`${store.collections.length} collections in ${store.categories.length} categories`);
for (const { name, collections } of store.categories)
  console.log(`${name}: ${collections.map((collection) => collection.name).join(', ')}`);

const { policy } = store.collection('entity_changelog');
const gigabytes = Math.round(expectSize(policy).bytes / 1e9);
console.log(`${policy.purpose}: kept ${formatRetention(policy.retention)}, about ${gigabytes} GB when full`);
console.log(`in ${decide(traitsOf(policy)).store}, because ${decide(traitsOf(policy)).reasons.join(', ')}`);

const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples' });
const classes = store.collections.map((collection) => collection.class);
const { unsupported } = await applyIndexes(mongo.connection, classes);
console.log(`all indexes are in place; this engine cannot have ${unsupported.length} of them`);
await mongo.close();
