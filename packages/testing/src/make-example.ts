import { Types, type Schema, type SchemaType } from 'mongoose';
import type { AnyDocument } from './conformance-subject.js';

/** Makes a document with every field of a schema; for collections whose fields need no particular values. */
export function makeExample(schema: Schema): AnyDocument {
  const fields = Object.entries(schema.paths).filter(([path]) => path !== '_id' && !path.includes('$*'));
  return Object.fromEntries(fields.map(([path, type]) => [path, makeValue(type)]));
}

interface TypeDetails {
  schema?: Schema;
  embeddedSchemaType?: SchemaType;
  enumValues?: readonly (string | null)[];
}

function makeValue(type: SchemaType): unknown {
  const { schema, embeddedSchemaType, enumValues } = type as SchemaType & TypeDetails;
  if (type.instance === 'Array') return [schema ? makeExample(schema) : makeValue(embeddedSchemaType!)];
  if (schema) return makeExample(schema);
  const [choice] = enumValues ?? [];
  if (typeof choice === 'string') return choice;
  switch (type.instance) {
    case 'Date':
      return new Date('2026-01-02T03:04:05.678Z');
    case 'Number':
      return Number(type.options['min'] ?? 1);
    case 'Boolean':
      return true;
    case 'ObjectId':
      return new Types.ObjectId();
    case 'Mixed':
      return { any: 'content' };
    default:
      return `an example of ${type.path}`;
  }
}
