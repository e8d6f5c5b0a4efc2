import type { PostgresType, ScalarForm } from './postgres-type.js';

/** Every built-in type that a column can have, but for arrays: [OID, OID of its array type, name, stored form, alias]. */
const scalars: readonly (readonly [number, number, string, ScalarForm, string?])[] = [
  [16, 1000, 'boolean', 'boolean', 'bool'],
  [17, 1001, 'bytea', 'bytes'],
  [18, 1002, '"char"', 'text'],
  [19, 1003, 'name', 'text'],
  [20, 1016, 'bigint', 'long', 'int8'],
  [21, 1005, 'smallint', 'integer', 'int2'],
  [22, 1006, 'int2vector', 'text'],
  [23, 1007, 'integer', 'integer', 'int4'],
  [24, 1008, 'regproc', 'text'],
  [25, 1009, 'text', 'text'],
  [26, 1028, 'oid', 'integer'],
  [27, 1010, 'tid', 'text'],
  [28, 1011, 'xid', 'text'],
  [29, 1012, 'cid', 'text'],
  [30, 1013, 'oidvector', 'text'],
  [114, 199, 'json', 'json'],
  [142, 143, 'xml', 'text'],
  [600, 1017, 'point', 'text'],
  [601, 1018, 'lseg', 'text'],
  [602, 1019, 'path', 'text'],
  [603, 1020, 'box', 'text'],
  [604, 1027, 'polygon', 'text'],
  [628, 629, 'line', 'text'],
  [650, 651, 'cidr', 'text'],
  [700, 1021, 'real', 'double', 'float4'],
  [701, 1022, 'double precision', 'double', 'float8'],
  [718, 719, 'circle', 'text'],
  [774, 775, 'macaddr8', 'text'],
  [790, 791, 'money', 'text'],
  [829, 1040, 'macaddr', 'text'],
  [869, 1041, 'inet', 'text'],
  [1033, 1034, 'aclitem', 'text'],
  [1042, 1014, 'character', 'text', 'bpchar'],
  [1043, 1015, 'character varying', 'text', 'varchar'],
  [1082, 1182, 'date', 'text'],
  [1083, 1183, 'time without time zone', 'text', 'time'],
  [1114, 1115, 'timestamp without time zone', 'text', 'timestamp'],
  [1184, 1185, 'timestamp with time zone', 'instant', 'timestamptz'],
  [1186, 1187, 'interval', 'text'],
  [1266, 1270, 'time with time zone', 'text', 'timetz'],
  [1560, 1561, 'bit', 'text'],
  [1562, 1563, 'bit varying', 'text', 'varbit'],
  [1700, 1231, 'numeric', 'decimal', 'decimal'],
  [1790, 2201, 'refcursor', 'text'],
  [2202, 2207, 'regprocedure', 'text'],
  [2203, 2208, 'regoper', 'text'],
  [2204, 2209, 'regoperator', 'text'],
  [2205, 2210, 'regclass', 'text'],
  [2206, 2211, 'regtype', 'text'],
  [2950, 2951, 'uuid', 'text'],
  [2970, 2949, 'txid_snapshot', 'text'],
  [3220, 3221, 'pg_lsn', 'text'],
  [3614, 3643, 'tsvector', 'text'],
  [3615, 3645, 'tsquery', 'text'],
  [3734, 3735, 'regconfig', 'text'],
  [3769, 3770, 'regdictionary', 'text'],
  [3802, 3807, 'jsonb', 'jsonb'],
  [4072, 4073, 'jsonpath', 'text'],
  [4089, 4090, 'regnamespace', 'text'],
  [4096, 4097, 'regrole', 'text'],
  [4191, 4192, 'regcollation', 'text'],
  [5038, 5039, 'pg_snapshot', 'text'],
  [5069, 271, 'xid8', 'text'],
];

/** [OID, OID of its array type, name, OID of what it ranges over; then the same of its multirange: OID, array, name] */
const ranges: readonly (readonly [number, number, string, number, number, number, string])[] = [
  [3904, 3905, 'int4range', 23, 4451, 6150, 'int4multirange'],
  [3906, 3907, 'numrange', 1700, 4532, 6151, 'nummultirange'],
  [3908, 3909, 'tsrange', 1114, 4533, 6152, 'tsmultirange'],
  [3910, 3911, 'tstzrange', 1184, 4534, 6153, 'tstzmultirange'],
  [3912, 3913, 'daterange', 1082, 4535, 6155, 'datemultirange'],
  [3926, 3927, 'int8range', 20, 4536, 6157, 'int8multirange'],
];

const boxOid = 603;

function arrayOf(elementOid: number): PostgresType {
  return { kind: 'array', elementOid, delimiter: elementOid === boxOid ? ';' : ',' };
}

/** Built-in types never change, so they are known without asking the catalog; by OID. */
export const builtInTypes: ReadonlyMap<number, PostgresType> = new Map<number, PostgresType>([
  ...scalars.flatMap(([oid, arrayOid, , form]): [number, PostgresType][] => [
    [oid, { kind: 'scalar', form }],
    [arrayOid, arrayOf(oid)],
  ]),
  ...ranges.flatMap(
    ([oid, arrayOid, , subtypeOid, multirangeOid, multirangeArrayOid]): [number, PostgresType][] => [
      [oid, { kind: 'range', subtypeOid }],
      [arrayOid, arrayOf(oid)],
      [multirangeOid, { kind: 'multirange', rangeOid: oid }],
      [multirangeArrayOid, arrayOf(multirangeOid)],
    ],
  ),
]);

const oidsByName: ReadonlyMap<string, number> = new Map<string, number>([
  ...scalars.flatMap(([oid, arrayOid, name, , alias]) =>
    [name, ...(alias === undefined ? [] : [alias])].flatMap((known): [string, number][] => [
      [known, oid],
      [`${known}[]`, arrayOid],
    ]),
  ),
  ...ranges.flatMap(
    ([oid, arrayOid, name, , multirangeOid, multirangeArrayOid, multirangeName]): [string, number][] => [
      [name, oid],
      [`${name}[]`, arrayOid],
      [multirangeName, multirangeOid],
      [`${multirangeName}[]`, multirangeArrayOid],
    ],
  ),
]);

/** The OID of a built-in type by its name, as SQL and `format_type` write it: `numeric(10,2)`, `timestamp(3) with time zone[]`. */
export function findBuiltInOid(typeName: string): number | undefined {
  const name = typeName.replace(/\s*\([\d,\s-]+\)/g, '').replace(/(?:\[\d*\])+$/, '[]');
  return oidsByName.get(name) ?? oidsByName.get(name.toLowerCase());
}
