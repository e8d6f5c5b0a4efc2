import { InvalidInputError } from '@infratraq/kernel';
import { withSession, type Postgres } from '@infratraq/postgres';
import type pg from 'pg';
import { jobQueueSchema, isCapturedSql } from '../scope/is-captured.js';
import { resolveCaptureNames, type CaptureNames } from '../slots/capture-names.js';
import { CaptureNotPreparedError } from '../slots/slot-errors.js';
import { requireLogicalLog } from './require-logical-log.js';

/** What the server calls with its own rights; every other function is called by PostgreSQL, or by these. */
const calledFunctions = [
  'infratraq.capture_tell_user()',
  'infratraq.capture_tell_shape(oid, jsonb, text)',
  'infratraq.capture_notice_differences()',
];

/**
 * Gives a role what a running server needs: to read the log and all tables, to keep its own tables in the schemas
 * `infratraq` and `pgboss`, and to keep capture's books. Capture's own tables and functions stay with the one who
 * prepares, since the functions run with that one's rights.
 *
 * @throws InvalidInputError `capture.role-unknown`
 */
export async function grantServerRole(client: pg.ClientBase, role: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
  if (rowCount === 0)
    throw new InvalidInputError(
      `PostgreSQL has no role ${role}; make it first: create role ${role} login password '…'`,
      { code: 'capture.role-unknown' },
    );
  await client.query('begin');
  try {
    await client.query(`select set_config('infratraq.granted_role', $1, true)`, [role]);
    await client.query(grants);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

const grants = `
  do $body$
  declare
    server name := current_setting('infratraq.granted_role');
    statement text;
  begin
    if not (select rolreplication from pg_roles where rolname = server) then
      execute format('alter role %I replication', server);
    end if;
    execute format('grant pg_read_all_data to %I', server);
    execute format('grant connect on database %I to %I', current_database(), server);
    if to_regnamespace('${jobQueueSchema}') is null then
      execute format('create schema ${jobQueueSchema} authorization %I', server);
    end if;
    execute format('alter schema ${jobQueueSchema} owner to %I', server);
    execute format('alter schema infratraq owner to %I', current_user);
    execute format('grant usage, create on schema infratraq to %I', server);
    for statement in
      select format('alter %s %I.%I owner to %I',
        case c.relkind when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'materialized view' else 'table' end,
        n.nspname, c.relname, o.name)
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      cross join lateral (select case
        when n.nspname = 'infratraq' and c.relname ~ '^capture_' then current_user else server end) as o (name)
      where n.nspname in ('infratraq', '${jobQueueSchema}') and c.relkind in ('r', 'p', 'v', 'm', 'S')
        and pg_get_userbyid(c.relowner) <> o.name
        and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
          and d.deptype in ('a', 'i') and d.refclassid = 'pg_class'::regclass)
      union all
      select format('alter routine %s owner to %I', p.oid::regprocedure, o.name)
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      cross join lateral (select case
        when n.nspname = 'infratraq' and p.proname ~ '^capture_' then current_user else server end) as o (name)
      where n.nspname in ('infratraq', '${jobQueueSchema}') and pg_get_userbyid(p.proowner) <> o.name
      union all
      select format('alter type %I.%I owner to %I', n.nspname, t.typname, server)
      from pg_type t join pg_namespace n on n.oid = t.typnamespace
      where n.nspname in ('infratraq', '${jobQueueSchema}') and t.typtype in ('e', 'd')
        and pg_get_userbyid(t.typowner) <> server
      union all
      select format('grant select, insert, update, delete on table infratraq.%I to %I', c.relname, server)
      from pg_class c where c.relnamespace = to_regnamespace('infratraq') and c.relkind = 'r' and c.relname ~ '^capture_'
      union all
      select format('grant execute on function %s to %I', f.signature, server)
      from unnest(array['${calledFunctions.join("', '")}']) as f (signature)
    loop
      execute statement;
    end loop;
  end
  $body$`;

/** Whether the role of a connection may do everything. */
export async function isSuperuser(client: Pick<pg.ClientBase, 'query'>): Promise<boolean> {
  const { rows } = await client.query<{ is: boolean }>(
    'select rolsuper as is from pg_roles where rolname = current_user',
  );
  return rows[0]?.is === true;
}

/**
 * Checks that a database is prepared for the role of this connection. A superuser may prepare and passes.
 * @throws CaptureNotPreparedError with everything that is missing, and the command that grants it
 */
export async function requireServerRights(
  postgres: Postgres,
  names: Partial<CaptureNames> = {},
): Promise<void> {
  const resolved = resolveCaptureNames(postgres, names);
  await withSession(postgres, 'capture check', async (client) => {
    if (!(await isSuperuser(client))) await requireRightsOf(client, resolved);
  });
}

/** The same over an open connection, for a role that is no superuser. */
export async function requireRightsOf(
  client: pg.ClientBase,
  { publication }: Pick<CaptureNames, 'publication'>,
): Promise<void> {
  await requireLogicalLog(client);
  const missing = await listMissing(client, publication);
  if (missing.length === 0) return;
  const { rows } = await client.query<{ role: string }>('select current_user as role');
  const role = rows[0]?.role;
  throw new CaptureNotPreparedError(
    `The role ${role} lacks ${missing.join('; ')}. Run "infratraq capture prepare --role ${role}" once with a ` +
      'POSTGRES_URL of a superuser, then start again',
  );
}

async function listMissing(client: pg.ClientBase, publication: string): Promise<string[]> {
  const list = async (text: string, values: unknown[] = []) =>
    (await client.query<{ what: string }>(text, values)).rows.map(({ what }) => what);
  const missing = await list(missingRightsSql);
  if (missing.length > 0) return missing;
  return list(missingPartsSql, [publication, preparedDigest]);
}

/** Notes on a function what was prepared, by which version. */
export async function notePrepared(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ md5: string }>(digestSql);
  await client.query(
    `comment on function infratraq.capture_notice_differences() is '${preparedDigest} ${rows[0]?.md5}'`,
  );
}

/** What the functions and event triggers are made of, whatever the version of PostgreSQL. */
export const digestSql = `
  select md5(string_agg(made.what, E'\\n' order by made.what collate "C")) from (
    select concat_ws(' ', proname, proargtypes::regtype[]::text, prosecdef, proconfig::text, md5(prosrc))
    from pg_proc where pronamespace = to_regnamespace('infratraq') and proname ~ '^capture_'
    union all
    select concat_ws(' ', evtname, evtevent, evtenabled, (select string_agg(tag, ',' order by tag) from unnest(evttags) tag))
    from pg_event_trigger where evtname ~ '^infratraq_capture_'
  ) as made (what)`;

/** The digest of what this version prepares in an empty database; a test says when it is another. */
export const preparedDigest = '3a0ae0765dd5f83b216e47d34707b443';

/** Rights in schema `infratraq`: without them nothing else can be looked up. */
const missingRightsSql = `
  select 'the right to replicate' as what from pg_roles where rolname = current_user and not rolreplication
  union all select 'the right to make tables in schema infratraq'
    where has_schema_privilege(to_regnamespace('infratraq'), 'usage') is not true
      or has_schema_privilege(to_regnamespace('infratraq'), 'create') is not true
  union all select 'a schema ${jobQueueSchema} of its own'
    where case when to_regnamespace('${jobQueueSchema}') is null
      then not has_database_privilege(current_database(), 'create')
      else not has_schema_privilege(to_regnamespace('${jobQueueSchema}'), 'create') end
  union all select 'capture, which is not prepared' where not exists (
    select from pg_proc where proname = 'capture_notice_differences' and pronamespace = to_regnamespace('infratraq'))
  union all select format('rights on %s', string_agg(c.relname, ', ')) from pg_class c
    where c.relnamespace = to_regnamespace('infratraq') and c.relkind = 'r' and c.relname ~ '^capture_'
      and not (has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
        and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete'))
    having count(*) > 0
  union all select format('the right to call %s', string_agg(p.proname, ', ')) from pg_proc p
    where p.pronamespace = to_regnamespace('infratraq')
      and p.proname in (${calledFunctions.map((one) => `'${/\.(\w+)/.exec(one)?.[1]}'`).join(', ')})
      and not has_function_privilege(p.oid, 'execute')
    having count(*) > 0`;

const missingPartsSql = `
  select 'the functions and event triggers of this version' as what
    where obj_description(to_regprocedure('infratraq.capture_notice_differences()'), 'pg_proc')
      is distinct from concat($2::text, ' ', (${digestSql}))
  union all select format('the publication %s', $1::text)
    where not exists (select from pg_publication where pubname = $1)
  union all select format('the right to read %s table(s), such as %s', count(*), min(format('%I.%I', n.nspname, c.relname)))
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and c.relpersistence = 'p' and not c.relispartition and ${isCapturedSql}
      and exists (select from pg_publication_tables t where t.pubname = $1
        and t.schemaname = n.nspname and t.tablename = c.relname)
      and not (has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select'))
    having count(*) > 0`;
