import { createConnection } from 'mongoose';
import { LogicalReplicationService, PgoutputPlugin, type Pgoutput } from 'pg-logical-replication';
import { reportProgress } from './report-progress.js';

/** The least that one would write oneself: no snapshot, no attribution, no values of other types, no second try. */
const { POSTGRES_URL = '', MONGODB_URI = '', SLOT = '', PUBLICATION = '', COLLECTION = '' } = process.env;
const batchSize = 1_000;
const connection = await createConnection(MONGODB_URI).asPromise();
const collection = connection.db!.collection<{ _id: string }>(COLLECTION);
const progress = reportProgress();
const service = new LogicalReplicationService(
  { connectionString: POSTGRES_URL },
  // Its timer would confirm what was received, not what was stored.
  { acknowledge: { auto: false, timeoutSeconds: 0 }, flowControl: { enabled: true } },
);
let transaction: Pgoutput.MessageBegin | undefined;
let position = 0;
let pending: { _id: string }[] = [];

async function write(): Promise<void> {
  const documents = pending;
  pending = [];
  if (documents.length === 0) return;
  await collection.insertMany(documents, { ordered: false, writeConcern: { w: 'majority' } });
  if (process.env['TRICKLE'] !== undefined)
    for (const { entity_id } of documents as unknown as { entity_id: string }[])
      progress.storedOne(entity_id);
  progress.stored(documents.length);
}

function describe(message: Pgoutput.MessageInsert | Pgoutput.MessageUpdate) {
  const { relation, new: after } = message;
  const before = message.tag === 'update' ? message.old : null;
  const lsn = transaction!.commitLsn!;
  return {
    _id: `loop:${lsn}:${String(position).padStart(8, '0')}`,
    entity_type: relation.name,
    entity_id: String(after[relation.columns[0]!.name]),
    operation: message.tag.toUpperCase(),
    old_value: before,
    new_value: after,
    changed_fields: Object.keys(after).filter((name) => before?.[name] !== after[name]),
    changed_by: 'postgres',
    changed_at: new Date(Number(transaction!.commitTime) / 1000),
    transaction_id: String(transaction!.xid),
    lsn,
    position: position++,
    schema_name: relation.schema,
    table_name: relation.name,
    source: 'direct_sql',
  };
}

service.on('data', async (lsn: string, message: Pgoutput.Message) => {
  if (message.tag === 'begin') {
    transaction = message;
    position = 0;
  } else if (message.tag === 'insert' || message.tag === 'update') {
    pending.push(describe(message));
    if (pending.length >= batchSize) await write();
  } else if (message.tag === 'commit') {
    await write();
    await service.acknowledge(lsn);
  }
});
service.on('error', (error) => console.error(error));
service.on('start', () => progress.started());
await service.subscribe(new PgoutputPlugin({ protoVersion: 1, publicationNames: [PUBLICATION] }), SLOT);
