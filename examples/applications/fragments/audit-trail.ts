import { openAudit } from '@infratraq/audit';

const { history, restorer, close } = await openAudit({ mongodbUri, postgresUrl, redactionKey });
const { items } = await history.listEntityChanges({ entity_type: 'projects', entity_id: '1' });
const { row } = await history.findRowAsOf(
  { entity_type: 'projects', entity_id: '1' },
  new Date('2026-01-31'),
);

declare const mongodbUri: string;
declare const postgresUrl: string;
declare const redactionKey: string;
export const used: unknown = [close, items, restorer, row];
