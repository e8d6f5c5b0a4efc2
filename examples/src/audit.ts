// The trail of one row: who changed it, and what it was at an earlier time.
import { randomUUID } from 'node:crypto';
import { audit, AuditHistory, EntityChangelog } from '@infratraq/audit';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';

const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples' });
const collections = audit.collections.map((collection) => collection.class);
await applyIndexes(mongo.connection, collections);
const models = bindModels(mongo.connection, collections);

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

const history = new AuditHistory(models);
const { items } = await history.listChanges(contract, { limit: 10 });
for (const { changed_by, operation, changed_fields } of items)
  console.log(`${changed_by}: ${operation} of ${changed_fields.join(', ')}`);
const { row } = await history.findRowAsOf(contract, new Date(Date.UTC(2026, 0, 1, 12)));
console.log(`at noon on 1 January it was ${JSON.stringify(row)}`);
await mongo.close();
