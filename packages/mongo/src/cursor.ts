import { createHash } from 'node:crypto';
import { InvalidInputError } from '@infratraq/kernel';
import { mongo } from 'mongoose';
import type { ResolvedShape } from './run-query.js';

const { EJSON } = mongo.BSON;

/** The sort values of the last document seen, and its `_id` when documents with equal values follow. */
export interface Position {
  readonly values: readonly unknown[];
  readonly id?: unknown;
}

/** Writes a position as an opaque cursor that only the same query takes back. */
export function encodeCursor(position: Position, collection: string, shape: ResolvedShape): string {
  const content = { q: fingerprint(collection, shape), v: position.values, ...idOf(position) };
  return Buffer.from(EJSON.stringify(content, { relaxed: false })).toString('base64url');
}

/**
 * Reads a cursor.
 * @throws InvalidInputError `cursor.invalid`
 */
export function decodeCursor(cursor: string, collection: string, shape: ResolvedShape): Position {
  let content: unknown;
  try {
    content = EJSON.parse(Buffer.from(cursor, 'base64url').toString(), { relaxed: true });
  } catch (cause) {
    throw invalidCursor('it is damaged', cause);
  }
  if (typeof content !== 'object' || content === null || !('q' in content) || !('v' in content))
    throw invalidCursor('it is damaged');
  if (content.q !== fingerprint(collection, shape)) throw invalidCursor('it belongs to another query');
  const { v: values, id } = content as { v: unknown; id?: unknown };
  if (!Array.isArray(values) || values.length !== Object.keys(shape.sort).length)
    throw invalidCursor('it is damaged');
  if (![...values, id ?? null].every(isScalar)) throw invalidCursor('it is damaged');
  return { values, ...(id !== undefined && { id }) };
}

function idOf({ id }: Position): { id?: unknown } {
  return id === undefined ? {} : { id };
}

function fingerprint(collection: string, { filter, sort }: ResolvedShape): string {
  const asked = JSON.stringify([collection, Object.keys(filter), Object.entries(sort)]);
  return createHash('sha256').update(asked).digest('base64url').slice(0, 12);
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value !== 'object' || value instanceof Date || '_bsontype' in value;
}

function invalidCursor(why: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError(`The cursor is not valid: ${why}; start again without one`, {
    code: 'cursor.invalid',
    ...(cause !== undefined && { cause }),
  });
}
