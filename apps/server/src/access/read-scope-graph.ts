import { nameEntityType } from '@infratraq/capture';
import type { Postgres } from '@infratraq/postgres';
import { z } from 'zod';
import type { ScopeGraph, ScopeReference, ScopeRule, ScopeTable } from './scope-graph.js';

const referencesSchema = z.array(
  z.object({ to: z.string(), columns: z.array(z.string()), references: z.array(z.string()) }),
);

// Partitions have the keys of their table, and belong to it.
const tablesQuery = `
  select t.oid::text as oid, n.nspname as schema, t.relname as table,
    coalesce((
      select array_agg(a.attname::text order by k.place)
      from pg_index i
      cross join lateral unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
      join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum
      where i.indrelid = t.oid and i.indisprimary
    ), '{}') as key
  from pg_class t join pg_namespace n on n.oid = t.relnamespace
  where t.relkind in ('r', 'p') and not t.relispartition
    and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'`;

const referencesQuery = `
  select f.conrelid::text as "from", f.confrelid::text as "to",
    (select array_agg(a.attname::text order by k.place)
     from unnest(f.conkey) with ordinality as k (attnum, place)
     join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum) as columns,
    (select array_agg(a.attname::text order by k.place)
     from unnest(f.confkey) with ordinality as k (attnum, place)
     join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.attnum) as references
  from pg_constraint f
  where f.contype = 'f' and f.conparentid = 0
  order by f.conname, f.oid`;

// Equal as long as no table, column, key or rule is added, renamed or dropped.
const fingerprintQuery = `
  select concat_ws(' ',
    (select sum(hashtextextended(format('%s %s %s', t.oid, t.relnamespace, t.relname), 0))
     from pg_class t where t.relkind in ('r', 'p')),
    (select sum(hashtextextended(format('%s %s', c.oid, c.conkey), 0))
     from pg_constraint c where c.contype in ('f', 'p')),
    (select sum(hashtextextended(format('%s %s %s', a.attrelid, a.attnum, a.attname), 0))
     from pg_constraint c join pg_attribute a on a.attrelid in (c.conrelid, c.confrelid)
     where c.contype in ('f', 'p') and a.attnum > 0),
    (select sum(hashtextextended(r::text, 0)) from infratraq.scope_rules r)) as fingerprint`;

/** A number that changes with what {@link readScopeGraph} reads. */
export async function readFingerprint({ pool }: Pick<Postgres, 'pool'>): Promise<string> {
  const { rows } = await pool.query<{ fingerprint: string }>(fingerprintQuery);
  return rows[0]?.fingerprint ?? '';
}

/** Reads tables and foreign keys from the catalog, and the rules that operators have declared. */
export async function readScopeGraph({ pool }: Pick<Postgres, 'pool'>): Promise<ScopeGraph> {
  const [tables, references, rules] = await Promise.all([
    pool.query<Omit<ScopeTable, 'entity_type'> & { oid: string }>(tablesQuery),
    pool.query<ScopeReference>(referencesQuery),
    pool.query<{ entity_type: string; rule: ScopeRule['rule']; scope: string; references: unknown }>(
      'select * from infratraq.scope_rules',
    ),
  ]);
  const names = new Map(tables.rows.map((table) => [table.oid, nameEntityType(table)]));
  return {
    tables: new Map(
      tables.rows.map(({ oid, schema, table, key }) => {
        const entity_type = names.get(oid) ?? table;
        return [entity_type, { entity_type, schema, table, key }];
      }),
    ),
    references: references.rows.flatMap(({ from, to, columns, references: referenced }) => {
      const [fromName, toName] = [names.get(from), names.get(to)];
      if (fromName === undefined || toName === undefined) return [];
      return [{ from: fromName, to: toName, columns, references: referenced }];
    }),
    rules: new Map(rules.rows.map((row) => [row.entity_type, readRule(row)])),
  };
}

function readRule({
  rule,
  scope,
  references,
}: {
  rule: string;
  scope: string;
  references: unknown;
}): ScopeRule {
  if (rule === 'scope') return { rule, scope };
  if (rule === 'references') return { rule, references: referencesSchema.parse(references) };
  return { rule: rule === 'open' ? 'open' : 'operators' };
}
