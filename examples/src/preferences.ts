// A user's settings: what holds by default, a change, and a second writer who has read an old version.
import { randomUUID } from 'node:crypto';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';
import { createPreferenceServices, preferences, StaleVersionError } from '@infratraq/preferences';

const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples' });
const collections = preferences.collections.map((collection) => collection.class);
await applyIndexes(mongo.connection, collections);
const { settings } = createPreferenceServices({ models: bindModels(mongo.connection, collections) });

const user = `u-${randomUUID()}`;
const before = await settings.read(user);
console.log(`version ${before.version}: ${before.settings.time_zone}, from the ${before.sources.time_zone}`);

const after = await settings.patch(user, { time_zone: 'Europe/Berlin' }, before.version);
console.log(`version ${after.version}: ${after.settings.time_zone}, from the ${after.sources.time_zone}`);

try {
  await settings.patch(user, { theme: 'dark' }, before.version);
} catch (error) {
  if (!(error instanceof StaleVersionError)) throw error;
  console.log(`conflict (${error.code}): ${error.message}`);
}
await mongo.close();
