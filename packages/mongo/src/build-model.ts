import 'reflect-metadata';
import { policyOf, type CollectionStates, type DocumentClass } from '@infratraq/kernel';
import { buildSchema } from '@typegoose/typegoose';
import type { Connection, Model, Schema } from 'mongoose';
import { guardLifecycle } from './guard-lifecycle.js';
import { limitQueries, type QueryLimits } from './limit-queries.js';

/** Builds the Mongoose schema of a collection's class: strict, complete with the fields that its policy needs. */
export function buildCollectionSchema(target: DocumentClass): Schema {
  const policy = policyOf(target);
  const schema = buildSchema(target as new () => object, {
    schemaOptions: {
      collection: policy.name,
      autoIndex: false,
      autoCreate: false,
      minimize: false,
      strict: 'throw',
      strictQuery: 'throw',
      versionKey: false,
    },
  }) as unknown as Schema;
  refuseUnknownFields(schema);
  if (policy.archive === 'before-expiry' && !schema.path('archived_at'))
    schema.add({ archived_at: { type: Date } });
  if (policy.retention.kind === 'range' && !schema.path('expires_at'))
    schema.add({ expires_at: { type: Date } });
  return schema;
}

/** What the models of a connection obey. */
export interface ModelOptions {
  /** Lifecycle states, which every read and write obeys. */
  readonly states?: CollectionStates | undefined;
  readonly queryLimits?: Partial<QueryLimits> | undefined;
}

/** Compiles a collection's class to a model of this connection. */
export function buildModel<T extends object>(
  connection: Connection,
  target: DocumentClass<T>,
  { states, queryLimits }: ModelOptions = {},
): Model<T> {
  const schema = buildCollectionSchema(target);
  const { name } = policyOf(target);
  if (states) guardLifecycle(schema, name, states);
  limitQueries(schema, queryLimits);
  return connection.model(target.name, schema, name, { overwriteModels: true }) as unknown as Model<T>;
}

// Nested documents are schemas of their own and would drop unknown fields without a word.
function refuseUnknownFields(schema: Schema): void {
  for (const { schema: nested } of schema.childSchemas) {
    nested.set('strict', 'throw');
    nested.set('minimize', false);
    refuseUnknownFields(nested);
  }
}
