import { builtInTypes } from './built-in-types.js';

/** How values of a type without inner structure are stored; `text` is PostgreSQL's own text. */
export type ScalarForm =
  | 'text'
  | 'boolean'
  | 'integer'
  | 'long'
  | 'double'
  | 'decimal'
  | 'instant'
  | 'bytes'
  | 'json'
  | 'jsonb'
  | 'hstore'
  | 'vector';

/** A column of a composite type. */
export interface CompositeAttribute {
  name: string;
  typeOid: number;
}

/** What has to be known of a type to store its values and to write them back. */
export type PostgresType =
  | { kind: 'scalar'; form: ScalarForm }
  | { kind: 'array'; elementOid: number; delimiter: string }
  | { kind: 'domain'; baseOid: number }
  | { kind: 'range'; subtypeOid: number }
  | { kind: 'multirange'; rangeOid: number }
  | { kind: 'composite'; attributes: CompositeAttribute[] };

/** Types that are not built in, by OID, as the catalog describes them. */
export type TypeCatalog = ReadonlyMap<number, PostgresType>;

export const textType: PostgresType = { kind: 'scalar', form: 'text' };

/** Finds a type; one that nobody knows (any more) counts as text. */
export function findType(oid: number, catalog: TypeCatalog): PostgresType {
  return builtInTypes.get(oid) ?? catalog.get(oid) ?? textType;
}

/** As far as a domain of a domain of a type: what its values look like. */
export function findBaseType(oid: number, catalog: TypeCatalog): PostgresType {
  const type = findType(oid, catalog);
  return type.kind === 'domain' ? findBaseType(type.baseOid, catalog) : type;
}
