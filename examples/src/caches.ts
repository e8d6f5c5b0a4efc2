// A report is computed once, then served from the cache.
import { defineReport, openCaches, z } from '@infratraq/caches';

const mongodbUri = process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples';
const parameters = z.strictObject({ project_id: z.string() });
const generate = async () => ({ finished_percent: 62 });
const progress = { type: 'progress', title: 'Progress', parameters, freshnessSeconds: 3_600, generate };
const { reports, close } = await openCaches({ mongodbUri, reports: [defineReport(progress)] });
await reports.run('progress', { project_id: '42' });
const { cache, output } = await reports.run('progress', { project_id: '42' });
console.log(`${cache}: ${JSON.stringify(output)}`);
await close();
