import { renderValue, type EntityChangelog } from '@infratraq/audit';
import type { Stored } from '@infratraq/mongo';
import type { Command } from 'commander';
import { formatTable } from '../../output/format-table.js';
import { requireTable } from '../../connections/require-table.js';
import { jsonOption, print, tell } from '../../output/print.js';
import { readTime, withTrail, type Trail } from './open-trail.js';

interface HistoryOptions {
  field?: string;
  at?: string;
  limit: string;
  json?: boolean;
}

/** Adds `history`: what happened to a row, or to one of its fields, and what it was at a time. */
export function addHistoryCommand(command: Command, source: NodeJS.ProcessEnv): void {
  command
    .command('history <type> <id>')
    .description(
      'list the changes of a row, newest first, or show what it was at a time; sensitive values are masked',
    )
    .option('--field <column>', 'what this column was before and after each of its changes')
    .option('--at <time>', 'the row as it was then')
    .option('--limit <n>', 'most changes, up to 1000', '50')
    .option(...jsonOption)
    .action((entity_type: string, entity_id: string, options: HistoryOptions) =>
      withTrail(source, async (trail) => {
        const entity = { entity_type, entity_id };
        const { field, at, limit, json } = options;
        if (at !== undefined) return showRow(trail, entity, readTime(at), json);
        const page = { limit: Number(limit) };
        const { items, also_known_as, renamed_to } =
          field === undefined
            ? await trail.history.listEntityChanges(entity, {}, page)
            : await trail.history.listFieldChanges(entity, field, {}, page);
        for (const former of also_known_as ?? [])
          tell(`The table was called ${former.entity_type} until ${former.until.toISOString()}`);
        if (renamed_to)
          tell(`The table has been called ${renamed_to.entity_type} since ${renamed_to.at.toISOString()}`);
        if (items.length === 0) await requireTable(trail.postgres, entity_type);
        const changes = await trail.reader.show(items);
        print(changes.map(renderForJson), json, () =>
          formatTable(field === undefined ? layOutChanges(changes) : layOutField(changes, field)),
        );
      }),
    );
}

type Change = Stored<EntityChangelog>;

async function showRow(
  { history, reader }: Trail,
  entity: { entity_type: string; entity_id: string },
  at: Date,
  json: boolean | undefined,
): Promise<void> {
  const found = await history.findRowAsOf(entity, at);
  const { known_as, unknown_fields = [], omitted_fields = [] } = found;
  const shown = await reader.showRow(found);
  const values = Object.entries(shown);
  if (known_as !== undefined) tell(`The table was called ${known_as} then`);
  if (unknown_fields.length > 0) tell(`Not known: ${unknown_fields.join(', ')}`);
  if (omitted_fields.length > 0)
    tell(`Too large for the trail, which holds size and digest: ${omitted_fields.join(', ')}`);
  print(renderValue(shown), json, () =>
    formatTable([['COLUMN', 'VALUE'], ...values.map(([column, value]) => [column, write(value)])]),
  );
}

function layOutChanges(changes: readonly Change[]): string[][] {
  return [
    ['WHEN', 'WHO', 'OPERATION', 'FIELDS', 'CHANGE', 'REASON'],
    ...changes.map((change) => [
      ...begin(change),
      change.operation === 'UPDATE' ? change.changed_fields.join(',') : '-',
      change._id,
      change.reason ?? '-',
    ]),
  ];
}

function layOutField(changes: readonly Change[], field: string): string[][] {
  return [
    ['WHEN', 'WHO', 'OPERATION', 'BEFORE', 'AFTER', 'CHANGE'],
    ...changes.map((change) => [
      ...begin(change),
      write(change.old_value?.[field]),
      write(change.new_value?.[field]),
      change._id,
    ]),
  ];
}

function begin({ changed_at, changed_by, operation }: Change): string[] {
  return [changed_at.toISOString(), changed_by, operation];
}

function write(value: unknown): string {
  if (value === undefined) return '-';
  const rendered = renderValue(value);
  return typeof rendered === 'string' ? rendered : JSON.stringify(rendered);
}

function renderForJson({ _id, ...change }: Change) {
  return renderValue({ id: _id, ...change });
}
