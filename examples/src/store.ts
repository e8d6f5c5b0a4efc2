// The whole store as a value: every category, every collection, its policy.
import { formatRetention } from '@infratraq/kernel';
import { openModels } from '@infratraq/mongo';
import { store } from '@infratraq/store';

console.log(`${store.collections.length} collections in ${store.categories.length} categories`);
const { policy, class: Changelog } = store.collection('entity_changelog');
const mongodbUri = process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples';
const { models, close } = await openModels({ mongodbUri }, [Changelog]);
console.log(`${await models.of(Changelog).countDocuments()}, kept ${formatRetention(policy.retention)}`);
await close();
