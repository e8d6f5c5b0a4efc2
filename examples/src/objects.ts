// Files go to object storage whole or not at all, and come back checked; the address alone says where they are.
import { openObjects } from '@infratraq/objects';
import { text } from 'node:stream/consumers';

const objects = await openObjects(process.env['OBJECTS_URL'] ?? 'file:///tmp/infratraq-objects');
await objects.put('reports/costs.csv', 'project,cost\n1,35375000.50\n', { contentType: 'text/csv' });
const { details, body } = await objects.get('reports/costs.csv', { first: 0, last: 11 });
console.log(`${details.contentType} of ${details.sizeBytes} bytes: ${await text(body)}`);
await objects.close();
