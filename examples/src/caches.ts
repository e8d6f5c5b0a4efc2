// A report is computed once, then served from the cache.
import { randomUUID } from 'node:crypto';
import { CachedReports, caches, defineReport } from '@infratraq/caches';
import { hours } from '@infratraq/kernel';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';
import { z } from 'zod';

const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples' });
const collections = caches.collections.map((collection) => collection.class);
await applyIndexes(mongo.connection, collections);

const progress = defineReport({
  type: 'project_progress',
  title: 'Progress of a project',
  parameters: z.strictObject({ project_id: z.string() }),
  freshnessSeconds: hours(1),
  generate: async ({ project_id }) => {
    console.log(`computing the progress of ${project_id}`);
    return { finished_percent: 62 };
  },
});
const reports = new CachedReports({ models: bindModels(mongo.connection, collections), reports: [progress] });

const parameters = { project_id: randomUUID() };
const run = async () => {
  const { cache, output } = await reports.run('project_progress', parameters);
  console.log(`${cache}: ${JSON.stringify(output)}`);
};
await run();
await run();
await mongo.close();
