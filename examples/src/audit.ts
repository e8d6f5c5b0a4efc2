// A row changes in PostgreSQL, and its trail tells what it was before.
import { openAudit } from '@infratraq/audit';
import { openCapture } from '@infratraq/capture';
import { once } from 'node:events';

const { POSTGRES_URL: postgresUrl = '', MONGODB_URI: mongodbUri = '' } = process.env;
const { capture, connection, postgres, ...capturing } = await openCapture({ postgresUrl, mongodbUri });
await postgres.pool.query(`create table contracts (id int primary key, amount int)`);
await postgres.pool.query(`insert into contracts values (7, 100)`);
const redactionKey = 'the same 32 bytes or more everywhere';
const { history, ...auditing } = await openAudit({ connection, postgres, redactionKey });
await postgres.pool.query(`update contracts set amount = 120`);
while (capture.status().changes < 2) await once(capture, 'capture:advanced');

const contract = { entity_type: 'contracts', entity_id: '7' };
const [updated, inserted] = (await history.listChanges(contract)).items;
const { row } = await history.findRowAsOf(contract, inserted!.changed_at);
console.log(
  `it was ${JSON.stringify(row)} until ${updated!.changed_by} changed ${updated!.changed_fields.join()}`,
);
await auditing.close();
await capturing.close();
