// A file is attached to an inspection and listed there.
import { openAttachments } from '@infratraq/attachments';

const { attachments, close } = await openAttachments({
  mongodbUri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples',
  objectsUrl: process.env['OBJECTS_URL'] ?? 'file:///tmp/infratraq-files',
});
const inspection = { entity_type: 'inspections', entity_id: '9' };
await attachments.attach(inspection, 'crack: 2 mm', { file_name: '../findings.txt', uploaded_by: 'u-1' });
for (const { file_name, content_type } of (await attachments.list(inspection)).items)
  console.log(`${file_name}, ${content_type}`);
await close();
