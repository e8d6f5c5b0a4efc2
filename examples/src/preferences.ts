// A user's settings: what holds, and where each value comes from.
import { openPreferences } from '@infratraq/preferences';

const { settings, close } = await openPreferences({
  mongodbUri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples',
  requireWatchable: async () => undefined, // alerts may watch every field
});
const { version } = await settings.read('u-1');
const { settings: now, sources } = await settings.patch('u-1', { time_zone: 'Europe/Berlin' }, version);
console.log(`${now.time_zone} by the ${sources.time_zone}, ${now.locale} by the ${sources.locale}`);
await close();
