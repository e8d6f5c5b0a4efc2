// The trail of one row: who changed it, and what it was at an earlier time.
import { randomUUID } from 'node:crypto';
import { audit, EntityChangelog, openAudit } from '@infratraq/audit';
import { openModels } from '@infratraq/mongo';

const { MONGODB_URI, POSTGRES_URL } = process.env;
const mongodbUri = MONGODB_URI ?? 'mongodb://127.0.0.1/examples';
const { models, ...mongo } = await openModels({ mongodbUri }, audit);
const { history, close } = await openAudit({
  models,
  postgresUrl: POSTGRES_URL ?? 'postgres://127.0.0.1/examples',
  redactionKey: 'the same 32 bytes or more everywhere',
});

// Change capture writes these documents; see capture.ts.
const contract = { entity_type: 'contracts', entity_id: randomUUID() };
const place = { schema_name: 'public', table_name: 'contracts', lsn: '0/1', source: 'application' as const };
const states = [null, { amount: '100.00' }, { amount: '120.00' }];
await models.of(EntityChangelog).insertMany(
  [1, 2].map((step) => ({
    ...contract,
    ...place,
    _id: `example:${contract.entity_id}:${step}`,
    operation: step === 1 ? 'INSERT' : 'UPDATE',
    old_value: states[step - 1],
    new_value: states[step],
    changed_fields: ['amount'],
    changed_by: `u-engineer-${step}`,
    changed_at: new Date(Date.UTC(2026, 0, step)),
    transaction_id: String(step),
    position: 0,
  })),
);

for (const { changed_by, operation, changed_fields } of (await history.listChanges(contract)).items)
  console.log(`${changed_by}: ${operation} of ${changed_fields.join(', ')}`);
const { row } = await history.findRowAsOf(contract, new Date(Date.UTC(2026, 0, 1, 12)));
console.log(`at noon on 1 January it was ${JSON.stringify(row)}`);
await close();
await mongo.close();
