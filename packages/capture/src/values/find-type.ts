import { builtInTypes } from './built-in-types.js';
import type { PostgresType, TypeCatalog } from './postgres-type.js';

export const textType: PostgresType = { kind: 'scalar', form: 'text' };

/** Finds a type; one that nobody knows (any more) counts as text. */
function findType(oid: number, catalog: TypeCatalog): PostgresType {
  return builtInTypes.get(oid) ?? catalog.get(oid) ?? textType;
}

/** As far as a domain of a domain of a type: what its values look like. */
export function findBaseType(oid: number, catalog: TypeCatalog): PostgresType {
  let type = findType(oid, catalog);
  // Domains can be as deep as somebody has made them.
  while (type.kind === 'domain') type = findType(type.baseOid, catalog);
  return type;
}
