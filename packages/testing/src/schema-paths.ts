import type { Schema, SchemaType } from 'mongoose';

/** A stored field of a schema, nested ones included. */
export interface SchemaField {
  /** Dotted path; elements of arrays have the path of their array. */
  readonly path: string;
  readonly type: SchemaType;
  /** The type's name in Mongoose (`String`, `Array`, `Embedded`); an array of strings is `String[]`. */
  readonly kind: string;
}

/** Lists every field of a schema, also those inside nested documents and arrays of them. */
export function listSchemaFields(schema: Schema, prefix = ''): SchemaField[] {
  return Object.entries(schema.paths).flatMap(([name, type]): SchemaField[] => {
    if (name.includes('$*')) return [];
    const path = prefix + name;
    const nested = (type as SchemaType & { schema?: Schema }).schema;
    return [{ path, type, kind: kindOf(type) }, ...(nested ? listSchemaFields(nested, `${path}.`) : [])];
  });
}

function kindOf(type: SchemaType): string {
  const element = (type as SchemaType & { embeddedSchemaType?: SchemaType }).embeddedSchemaType;
  return type.instance === 'Array' && element && !('schema' in type && type.schema)
    ? `${element.instance}[]`
    : String(type.instance);
}
