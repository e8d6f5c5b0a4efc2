// Files go to object storage whole or not at all, and come back checked; the address alone says where they are.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { openObjects } from '@infratraq/objects';

const folder = await mkdtemp(join(tmpdir(), 'infratraq-objects-'));
const objects = await openObjects(process.env['OBJECTS_URL'] ?? pathToFileURL(folder).href);

const key = 'reports/costs.csv';
await objects.put(key, 'project,cost\n1,35375000.50\n', { contentType: 'text/csv' });
const stored = await objects.get(key, { first: 0, last: 11 });
console.log(`${stored.details.contentType} of ${stored.details.sizeBytes} bytes: ${await text(stored.body)}`);

await objects.delete(key);
await objects.close();
await rm(folder, { recursive: true });
