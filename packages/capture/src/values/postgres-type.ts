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
