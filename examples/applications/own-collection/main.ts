import { openModels } from '@infratraq/mongo';
import { SiteVisit } from './collections.js';
import { listVisitsToSite } from './collections/site-visit.queries.js';
import { store } from './store.js';

const mongodbUri = process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples';
const classes = store.collections.map((collection) => collection.class);
const { models, close } = await openModels({ mongodbUri }, classes);
const visit = { site: 'bridge-7', visitor_id: 'u-1', arrived_at: new Date(), purpose: 'inspection' } as const;
await models.of(SiteVisit).create(visit);
const { items } = await models.page(listVisitsToSite, { site: 'bridge-7' }, { limit: 50 });
for (const { visitor_id, purpose } of items) console.log(`${visitor_id}: ${purpose}`);
await close();
