import { runAsActor } from '@infratraq/kernel';
import type { MessagingTables } from '@infratraq/messaging/postgres';
import type { PlatformTables, Postgres } from '@infratraq/postgres';
import type { Transaction } from 'kysely';
import type { ScopeTables } from '../access/scope-members.js';
import type { FieldTables } from './field-tables.js';
import { createTablesOnce } from './create-demonstration-schema.js';
import {
  demonstrationOrganisations,
  demonstrationScopes,
  demonstrationUserRows,
} from './demonstration-people.js';
import * as rows from './demonstration-rows.js';

type Tables = PlatformTables & MessagingTables & FieldTables & ScopeTables;

/**
 * Creates the demonstration's tables and fills them with the same rows every time, unless there are any.
 *
 * Needs the migrations. Answers whether rows were loaded; safe to call from several servers at once.
 */
export async function loadDemonstration(postgres: Postgres): Promise<boolean> {
  return runAsActor({ user_id: 'u-operator-1', roles: ['operator'], reason: 'load the demonstration' }, () =>
    postgres.withTables<MessagingTables & FieldTables & ScopeTables>().transaction(async (transaction) => {
      await createTablesOnce(transaction);
      const present = await transaction
        .selectFrom('organisations')
        .select('organisation_id')
        .limit(1)
        .execute();
      if (present.length > 0) return false;
      await loadFieldRows(transaction);
      await loadPeopleAndChannels(transaction);
      return true;
    }),
  );
}

async function loadFieldRows(transaction: Transaction<Tables>): Promise<void> {
  await transaction.insertInto('organisations').values(rows.organisations).execute();
  await transaction.insertInto('projects').values(rows.projects).execute();
  await transaction.insertInto('contracts').values(rows.contracts).execute();
  await transaction.insertInto('assets').values(rows.assets).execute();
  await transaction.insertInto('work_orders').values(rows.workOrders).execute();
  await transaction.insertInto('inspections').values(rows.inspections).execute();
}

async function loadPeopleAndChannels(transaction: Transaction<Tables>): Promise<void> {
  const users = demonstrationUserRows();
  await transaction
    .insertInto('infratraq.organisations')
    .values(demonstrationOrganisations)
    .onConflict((conflict) => conflict.column('organisation_id').doNothing())
    .execute();
  await transaction
    .insertInto('infratraq.users')
    .values(users)
    .onConflict((conflict) => conflict.column('user_id').doNothing())
    .execute();
  await transaction
    .insertInto('infratraq.scope_members')
    .values([...demonstrationScopes])
    .onConflict((conflict) => conflict.columns(['scope', 'user_id']).doNothing())
    .execute();
  const projectChannels = rows.projects.slice(0, 4).map((project, index) => ({
    channel_id: `project:${index + 1}`,
    entity_type: 'projects',
    entity_id: String(index + 1),
    title: project.name,
    kind: 'entity' as const,
  }));
  const channels = [
    ...projectChannels,
    {
      channel_id: 'site-safety',
      title: 'Site safety',
      kind: 'group' as const,
      entity_type: null,
      entity_id: null,
    },
  ];
  await transaction
    .insertInto('infratraq.channels')
    .values(channels)
    .onConflict((conflict) => conflict.column('channel_id').doNothing())
    .execute();
  const members = channels.flatMap(({ channel_id }) =>
    users.map(({ user_id }) => ({
      channel_id,
      user_id,
      role: user_id.startsWith('u-manager') ? ('owner' as const) : ('member' as const),
    })),
  );
  await transaction
    .insertInto('infratraq.channel_members')
    .values(members)
    .onConflict((conflict) => conflict.columns(['channel_id', 'user_id']).doNothing())
    .execute();
}
