// A row that anybody changes in PostgreSQL becomes a document with its values before and after.
import { openCapture } from '@infratraq/capture';
import { once } from 'node:events';

const { POSTGRES_URL: postgresUrl = '', MONGODB_URI: mongodbUri = '' } = process.env;
const { capture, connection, postgres, close } = await openCapture({ postgresUrl, mongodbUri });
await postgres.pool.query(`create table diary (id int primary key, note text)`);
await postgres.pool.query(`insert into diary values (1, 'rain'); update diary set note = 'sun'`);
while (capture.status().changes < 2) await once(capture, 'capture:advanced');
const change = await connection.collection('entity_changelog').findOne({ operation: 'UPDATE' });
console.log(change?.['operation'], change?.['old_value'], '->', change?.['new_value']);
await close();
