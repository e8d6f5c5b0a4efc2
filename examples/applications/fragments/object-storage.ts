import { createReadStream } from 'node:fs';
import { openObjects } from '@infratraq/objects';

const objects = await openObjects('file:///var/lib/infratraq/objects');
// s3://bucket/prefix?endpoint=https://minio.example.org&region=eu-central-1
// gs://bucket/prefix

const { sha256 } = await objects.put('reports/costs.csv', createReadStream('costs.csv'), {
  contentType: 'text/csv',
  metadata: { project: '42' },
});
const { body, details } = await objects.get('reports/costs.csv', { first: 0, last: 999 });

export { body, details, sha256 };
