import pg from 'pg';
import { findBuiltInOid } from './built-in-types.js';
import type { TypeCatalog } from './postgres-type.js';
import { readTypes } from './read-types.js';
import { renderValueText } from './render-text.js';

/** Types by the names that they were asked for. */
export interface NamedTypes {
  readonly oids: ReadonlyMap<string, number>;
  readonly catalog: TypeCatalog;
}

const builtInOnly: NamedTypes = { oids: new Map(), catalog: new Map() };

/**
 * Describes types that are not built in (enums apart, which need none), so that their values can be rendered.
 *
 * The names are as SQL or `format_type` writes them, found along the client's search path.
 * @throws the server's error when it has no such type
 */
export async function readNamedTypes(
  client: Pick<pg.ClientBase, 'query'>,
  typeNames: readonly string[],
): Promise<NamedTypes> {
  const { rows } = await client.query<{ name: string; oid: number }>(
    'select name, name::regtype::oid as oid from unnest($1::text[]) as name',
    [typeNames],
  );
  const oids = new Map(rows.map(({ name, oid }) => [name, oid]));
  return { oids, catalog: await readTypes(client, [...new Set(oids.values())]) };
}

/**
 * Writes a value of a captured row as the text that PostgreSQL's type takes as input; null stays null.
 *
 * Give it as a parameter (`$1::text::numeric`), or use `renderLiteral` where the SQL is shown.
 * @throws UnrenderableValueError when the value is none of the type
 */
function renderText(value: unknown, typeName: string, types: NamedTypes = builtInOnly): string | null {
  if (value === null || value === undefined) return null;
  const oid = types.oids.get(typeName) ?? findBuiltInOid(typeName) ?? 0;
  return renderValueText(value, oid, types.catalog);
}

/**
 * Writes a value of a captured row as an SQL literal with its type, or `NULL`.
 *
 * The type's name goes into the SQL as it is: take it from `format_type`, never from a person.
 * @throws UnrenderableValueError when the value is none of the type
 * @example
 * renderLiteral(row.budget, 'numeric(12,2)'); // '100.50'::numeric(12,2)
 * renderLiteral(row.address, 'address', await readNamedTypes(client, ['address'])); // '("Rd 1","Bern")'::address
 */
export function renderLiteral(value: unknown, typeName: string, types?: NamedTypes): string {
  const text = renderText(value, typeName, types);
  return text === null ? 'NULL' : `${pg.escapeLiteral(text)}::${typeName}`;
}
