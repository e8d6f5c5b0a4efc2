import type { Postgres } from '@infratraq/postgres';
import { resolveCaptureNames, type CaptureNames } from '../slots/capture-names.js';
import { requestSnapshot } from '../snapshot/request-snapshot.js';
import type { CapturePlan } from '../preparation/plan-capture.js';
import { prepareCapture, prepareUnderLock, withPreparationLock } from '../preparation/prepare-capture.js';
import { quoteTable } from './table-name.js';
import { findTable, type TableExclusion } from './table-exclusion.js';

/**
 * Leaves a table out of capture from now on; the coverage report shows the reason.
 * @throws InvalidInputError when there is no such table or no reason
 */
export function excludeTable(
  postgres: Postgres,
  exclusion: TableExclusion,
  names: Partial<CaptureNames> = {},
): Promise<CapturePlan> {
  return prepareCapture(postgres, { ...names, exclusions: [exclusion] });
}

/**
 * Captures a table again that was left out, and asks for a snapshot of it: what happened to it meanwhile is not known.
 * @throws InvalidInputError when there is no such table
 */
export async function includeTable(
  postgres: Postgres,
  table: string,
  names: Partial<CaptureNames> = {},
): Promise<CapturePlan> {
  const plan = await withPreparationLock(postgres, async (client) => {
    const name = await findTable(client, table);
    await client.query('delete from infratraq.capture_exclusion where schema_name = $1 and table_name = $2', [
      name.schema,
      name.table,
    ]);
    return {
      ...(await prepareUnderLock(client, resolveCaptureNames(postgres, names))),
      table: quoteTable(name),
    };
  });
  await requestSnapshot(postgres, { ...names, tables: [plan.table] });
  return { steps: plan.steps, exclusions: plan.exclusions };
}
