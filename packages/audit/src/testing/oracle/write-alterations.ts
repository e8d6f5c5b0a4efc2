import pg from 'pg';
import type { ColumnDesign, SchemaAlteration, TableAlteration, TableDesign } from './histories.js';
import type { ObservedTable } from './observe.js';
import { nameInSql, pickOne } from './write-rows.js';

const quote = (name: string) => pg.escapeIdentifier(name);

/** Names of which some must be quoted where changes name their table. */
const tableNames = ['t0', 't1', 'a.b', 'q"x'];

const columnTypes: Readonly<Record<ColumnDesign, string>> = {
  v: 'numeric(8,2)',
  note: 'varchar(20)',
  mood: 'PREFIX.mood',
  addr: 'PREFIX.addr',
  big: 'text',
  seen: 'timestamptz',
  data: 'jsonb',
  tags: 'text[]',
};

/** What the partitions hold of the ids, by the digit that their names end in. */
const partBounds = [
  [-9, 2],
  [2, 9],
] as const;

/** Makes the schemas and types of a history. */
export function writeSchemas(prefix: string): string {
  return `create schema ${prefix}; create schema ${prefix}x;
    create type ${prefix}.mood as enum ('good', 'bad', 'ugly');
    create type ${prefix}.addr as (street text, city text)`;
}

/** Makes a table of a design. */
export function writeCreate(design: TableDesign, prefix: string): string {
  const schema = [prefix, `${prefix}x`, 'public'][design.schema] as string;
  const plain = tableNames[design.name] as string;
  // In public, a name that would be that of a table of another schema if it were not quoted.
  const name = nameInSql({ schema, name: schema === 'public' ? `${prefix}x.${plain}` : plain });
  const [key, deferral = ''] = design.partitioned ? ['id'] : design.key.split(' defer');
  const timing = deferral === 'red' ? 'deferrable initially deferred' : deferral && 'deferrable';
  const isPartitioned = design.partitioned;
  const columns = design.columns.map(
    (column) => `${column} ${columnTypes[column].replace('PREFIX', prefix)}`,
  );
  const parts = ['id int not null', 'code text not null', ...columns];
  const statements = [
    `create table ${name} (${parts.join(', ')}, constraint ${quote(`${plain} key`)} primary key (${key}) ${timing})${isPartitioned ? ' partition by range (id)' : ''}`,
  ];
  if (isPartitioned)
    for (const [place, [from, to]] of partBounds.entries())
      statements.push(
        `create table ${partOf(schema, `${plain}_${place}`)} partition of ${name} for values from (${from}) to (${to})`,
      );
  else if (design.columns.includes('big'))
    statements.push(`alter table ${name} alter big set storage external`);
  if (design.identity === 'key' && !timing && !isPartitioned)
    statements.push(`alter table ${name} replica identity using index ${quote(`${plain} key`)}`);
  return statements.join('; ');
}

function partOf(schema: string, name: string): string {
  return nameInSql({ schema, name });
}

/** Alters a table; undefined where there is none that it could be. */
export function writeTableAlteration(
  how: TableAlteration,
  tables: readonly ObservedTable[],
  picks: { readonly table: number; readonly pick: number },
  prefix: string,
): string | undefined {
  const whole = tables.filter(({ isPartition }) => !isPartition);
  const table = pickOne(whole, picks.table);
  if (table === undefined) return undefined;
  const name = nameInSql(table);
  const others = table.columns.filter((column) => !['id', 'code'].includes(column.name));
  const column = pickOne(others, picks.pick);
  const [one, other] = [column && quote(column.name), others[(picks.pick + 1) % others.length]];
  const place = picks.pick;
  switch (how) {
    case 'add column':
      return `alter table ${name} add added${place} text`;
    case 'add column with constant':
      return `alter table ${name} add ${place % 2 ? `grown${place} text default 'd${place}'` : `n${place} int not null default ${place}`}`;
    case 'add column with computed default':
      return `alter table ${name} add at${place} timestamptz default clock_timestamp()`;
    case 'rename column':
      return one && `alter table ${name} rename ${one} to renamed${place}`;
    case 'swap columns':
      if (one === undefined || other === undefined || other === column) return undefined;
      return `alter table ${name} rename ${one} to swapping; alter table ${name} rename ${quote(other.name)} to ${one};
        alter table ${name} rename swapping to ${quote(other.name)}`;
    case 'drop column':
      return one && `alter table ${name} drop ${one}`;
    case 'widen column':
      return (
        one &&
        `alter table ${name} alter ${one} type ${column!.type.startsWith('numeric') ? 'numeric(12,2)' : 'varchar(90)'}`
      );
    case 'rewrite column':
      return column?.type.startsWith('numeric')
        ? `alter table ${name} alter ${one} type numeric(9,3) using ${one} * 1.5`
        : one && `alter table ${name} alter ${one} type text using ${one}::text || '!'`;
    case 'move key to code':
    case 'move key to id': {
      const key = how === 'move key to id' ? 'id' : 'code';
      return table.keyConstraint === null
        ? `alter table ${name} add primary key (${key})`
        : `alter table ${name} drop constraint ${quote(table.keyConstraint)}, add constraint ${quote(`key${place}`)} primary key (${key})`;
    }
    case 'rename': {
      const free = pickOne(tableNames, place) as string;
      return `alter table ${name} rename to ${quote(table.schema === 'public' ? `${prefix}x.${free}` : free)}`;
    }
    case 'set schema':
      return table.schema === 'public'
        ? undefined
        : `alter table ${name} set schema ${table.schema === prefix ? `${prefix}x` : prefix}`;
    case 'swap tables': {
      const second = pickOne(
        whole.filter(({ oid, schema }) => oid !== table.oid && schema === table.schema),
        place,
      );
      if (second === undefined) return undefined;
      const between = table.schema === 'public' ? `${prefix}x.between` : 'between';
      return `alter table ${name} rename to ${quote(between)}; alter table ${nameInSql(second)} rename to ${quote(table.name)};
        alter table ${nameInSql({ ...table, name: between })} rename to ${quote(second.name)}`;
    }
    case 'drop':
      return `drop table ${name}`;
    case 'make anew':
      return `drop table ${name}; create table ${name} (id int not null, code text not null, v numeric(8,2), constraint "new key" primary key (id))`;
    case 'widen key':
      return `alter table ${name} alter id type bigint`;
    case 'identity full':
      return `alter table ${name} replica identity full`;
    case 'identity by key':
      return table.keyConstraint === null
        ? undefined
        : `alter table ${name} replica identity using index ${quote(table.keyConstraint)}`;
    case 'identity by code': {
      const index = `codes ${table.oid}`;
      return `create unique index if not exists ${quote(index)} on ${name} (code); alter table ${name} replica identity using index ${quote(index)}`;
    }
    case 'unlogged':
      return `alter table ${name} set unlogged`;
    case 'logged': {
      const unlogged = whole.find(({ persistence }) => persistence === 'u');
      return unlogged
        ? `alter table ${nameInSql(unlogged)} set logged`
        : `alter table ${name} set unlogged; update ${name} set code = code; alter table ${name} set logged`;
    }
    default:
      return writePartitionStep(how, tables, picks);
  }
}

function writePartitionStep(
  how: TableAlteration,
  tables: readonly ObservedTable[],
  picks: { readonly table: number; readonly pick: number },
): string | undefined {
  const part = pickOne(
    tables.filter(({ isPartition }) => isPartition),
    picks.table,
  );
  const root = tables.find(({ name }) => name === part?.root);
  switch (how) {
    case 'detach partition':
      return part && root && `alter table ${nameInSql(root)} detach partition ${nameInSql(part)}`;
    case 'drop partition':
      return part && `drop table ${nameInSql(part)}`;
    case 'truncate partition':
      return part && `truncate ${nameInSql(part)}`;
    default: {
      const lone = tables.find(
        ({ kind, name, isPartition }) => kind === 'r' && !isPartition && /_\d$/.test(name),
      );
      if (lone === undefined && part && root)
        return `alter table ${nameInSql(root)} detach partition ${nameInSql(part)}; ${writeAttach(root, part)}`;
      const whole = tables.find(({ kind, isPartition }) => kind === 'p' && !isPartition);
      return whole && lone && writeAttach(whole, lone);
    }
  }
}

function writeAttach(root: ObservedTable, part: ObservedTable): string {
  const [from, to] = part.name.endsWith('0') ? partBounds[0] : partBounds[1];
  return `alter table ${nameInSql(root)} attach partition ${nameInSql(part)} for values from (${from}) to (${to})`;
}

/** Alters a type, or renames a schema. */
export function writeSchemaAlteration(how: SchemaAlteration, pick: number, prefix: string): string {
  const labels = ['good', 'bad', 'ugly', 'new'];
  const [one, other] = [labels[pick % 3], labels[(pick + 1) % 3]];
  const mood = `${prefix}.mood`;
  const addr = `${prefix}.addr`;
  switch (how) {
    case 'rename schema':
      return `alter schema ${prefix}${pick % 2 ? 'x' : 'y'} rename to ${prefix}${pick % 2 ? 'y' : 'x'}`;
    case 'rename label':
      return `alter type ${mood} rename value '${one}' to '${one}${pick}'`;
    case 'swap labels':
      return `alter type ${mood} rename value '${one}' to 'swapping'; alter type ${mood} rename value '${other}' to '${one}';
        alter type ${mood} rename value 'swapping' to '${other}'`;
    case 'add label':
      return `alter type ${mood} add value 'new'`;
    case 'rename attribute':
      return `alter type ${addr} rename attribute city to zip cascade`;
    case 'swap attributes':
      return `alter type ${addr} rename attribute street to swapping; alter type ${addr} rename attribute city to street;
        alter type ${addr} rename attribute swapping to city`;
    case 'add attribute':
      return `alter type ${addr} add attribute zip text cascade`;
    case 'drop attribute':
      return `alter type ${addr} drop attribute city cascade`;
  }
}
