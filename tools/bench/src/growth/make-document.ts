import { buildCollectionSchema } from '@infratraq/mongo';
import type { DocumentClass } from '@infratraq/kernel';
import { mongo, type Schema, type SchemaType } from 'mongoose';

/** A document as the driver stores it. */
export type StoredDocument = Record<string, unknown>;

interface TypeDetails {
  readonly schema?: Schema;
  readonly enumValues?: readonly (string | null)[];
}

/** Answers a function that makes the least that a collection's schema admits, at a time. */
export function createDocumentMaker(target: DocumentClass): (at: Date) => StoredDocument {
  const schema = buildCollectionSchema(target);
  return (at) => makeLeast(schema, at);
}

function makeLeast(schema: Schema, at: Date): StoredDocument {
  const document: StoredDocument = {};
  for (const [path, type] of Object.entries(schema.paths))
    if (path !== '_id' && type.isRequired) document[path] = makeValue(type, at);
  return document;
}

function makeValue(type: SchemaType, at: Date): unknown {
  const { schema, enumValues } = type as SchemaType & TypeDetails;
  if (type.instance === 'Array') return [];
  if (schema) return makeLeast(schema, at);
  const [choice] = enumValues ?? [];
  if (typeof choice === 'string') return choice;
  switch (type.instance) {
    case 'Date':
      return at;
    case 'Number':
      return Number(type.options['min'] ?? 1);
    case 'Boolean':
      return false;
    case 'ObjectId':
      return new mongo.ObjectId();
    case 'Mixed':
      return {};
    default:
      return 'text';
  }
}
