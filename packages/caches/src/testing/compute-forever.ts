import { z } from 'zod';
import { defineReport, openCaches } from '../index.js';

/** A process that begins to compute a report, says so, and never finishes. */
const { MONGODB_URI = '', REPORT_TYPE = '' } = process.env;
const report = defineReport({
  type: REPORT_TYPE,
  title: 'Never ends',
  parameters: z.strictObject({ project_id: z.string() }),
  freshnessSeconds: 3_600,
  generate: () => {
    process.stdout.write('computing\n');
    return new Promise(() => setInterval(() => undefined, 60_000));
  },
});
const { reports } = await openCaches({ mongodbUri: MONGODB_URI, reports: [report] });
await reports.run(REPORT_TYPE, { project_id: '42' });
