// A row that anybody changes in PostgreSQL becomes a document with its values before and after.
import { once } from 'node:events';
import { createCapture, createMongoChangeSink, prepareCapture, removeCapture } from '@infratraq/capture';
import { connectMongo } from '@infratraq/mongo';
import { connectPostgres } from '@infratraq/postgres';

const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples' });
const postgresUrl = process.env['POSTGRES_URL'] ?? 'postgres://127.0.0.1/examples';
const postgres = await connectPostgres({ url: postgresUrl });

// A slot's name is unique in its server, so this one stays clear of a running product's.
const names = { slot: `example_${process.pid}`, publication: `example_${process.pid}` };
const table = `site_diary_${process.pid}`;
await postgres.pool.query(`create table ${table} (id int primary key, note text)`);
await prepareCapture(postgres, names);
const capture = createCapture({ postgresUrl, sink: createMongoChangeSink(mongo.connection), ...names });
capture.start();
await once(capture, 'capture:started');

await postgres.pool.query(`insert into ${table} values (1, 'rain'); update ${table} set note = 'sun'`);
while (capture.status().changes < 2) await once(capture, 'capture:advanced');
for await (const change of mongo.connection.collection('entity_changelog').find({ entity_type: table }))
  console.log(change['operation'], change['old_value'], '->', change['new_value']);

await capture.stop();
await removeCapture(postgres, names);
await postgres.pool.query(`drop table ${table}`);
await Promise.all([postgres.close(), mongo.close()]);
