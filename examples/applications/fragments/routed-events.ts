import { UserActivityEvent } from '@infratraq/activity';
import { createEventRouter, type EventWriter } from '@infratraq/ingest';
import { defineEvent } from '@infratraq/kernel';
import type { Pool } from 'pg';
import { z } from 'zod';

const reportViewed = defineEvent('report.viewed', {
  schema: z.object({ user_id: z.string(), report_id: z.string() }),
  collection: UserActivityEvent,
  toDocument: ({ user_id, report_id }) => ({
    user_id,
    event_type: 'report:viewed',
    entity_type: 'report',
    entity_id: report_id,
    received_at: new Date(),
  }),
});
const budgetApproved = defineEvent('budget.approved', {
  schema: z.object({ project_id: z.string(), amount: z.string() }),
  traits: ['financial-data'],
  table: 'budget_approvals',
  toRow: (data) => data,
});
const router = createEventRouter({ events: [reportViewed, budgetApproved], writer, postgres: pool });
router.emit('report.viewed', { user_id: 'u-1', report_id: 'r-9' });

declare const writer: EventWriter;
declare const pool: Pool;
