import { createHash } from 'node:crypto';
import { createTokenSigner, InvalidInputError } from '@infratraq/kernel';
import { mongo } from 'mongoose';
import { isPlain } from './plain-object.js';
import type { ResolvedShape } from './run-query.js';

const { EJSON } = mongo.BSON;

/** The sort values of the last document seen, and its `_id` when documents with equal values follow. */
export interface Position {
  readonly values: readonly unknown[];
  readonly id?: unknown;
}

/** Writes and reads the cursors of one list. */
export interface Cursors {
  write(position: Position): string;
  /** @throws InvalidInputError `cursor.invalid` */
  read(cursor: string): Position;
}

/** What a cursor carries, as Extended JSON. */
interface Content {
  readonly v: readonly unknown[];
  readonly id?: unknown;
}

/**
 * Signs the cursors of one list: its name, such as a collection's, a filter and an order. A cursor of any other list, also of the same query
 * with other parameters, is refused.
 */
export function createCursors(secret: string, list: unknown, shape: ResolvedShape): Cursors {
  const signer = createTokenSigner<Content>(secret, `cursor:${identify(list, shape)}`);
  return {
    write({ values, id }) {
      const content = { v: values, ...(id !== undefined && { id }) };
      if (![...values, id ?? null].every(isOrderedValue))
        throw new TypeError(`The list ${String(list)} is sorted by values that no cursor carries`);
      return signer.write(EJSON.serialize(content, { relaxed: false }) as unknown as Content);
    },
    read(cursor) {
      const signed = signer.read(cursor);
      if (!signed) throw invalidCursor();
      const { v: values, id } = EJSON.deserialize(signed as never) as unknown as Content;
      return { values, ...(id !== undefined && { id }) };
    },
  };
}

function identify(list: unknown, { filter, sort }: ResolvedShape): string {
  const asked = EJSON.stringify([list, inOneOrder(filter), Object.entries(sort)], { relaxed: false });
  return createHash('sha256').update(asked).digest('base64url');
}

/** Lists of alternatives mean the same in any order, and scopes come in any. */
function inOneOrder(condition: unknown): unknown {
  if (Array.isArray(condition)) return condition.map(inOneOrder);
  if (!isPlain(condition)) return condition;
  return Object.fromEntries(
    Object.entries(condition).map(([key, value]) =>
      key === '$in' && Array.isArray(value)
        ? [key, value.map((one) => EJSON.stringify([one], { relaxed: false })).sort()]
        : [key, inOneOrder(value)],
    ),
  );
}

const orderedTypes = ['ObjectId', 'Decimal128', 'Long', 'Int32', 'Double', 'Binary', 'Timestamp'];

function isOrderedValue(value: unknown): boolean {
  if (value === null || ['string', 'number', 'boolean', 'bigint'].includes(typeof value)) return true;
  if (value instanceof Date) return true;
  return orderedTypes.includes((value as { _bsontype?: string } | undefined)?._bsontype ?? '');
}

function invalidCursor(): InvalidInputError {
  return new InvalidInputError('The cursor was altered or belongs to another list; start again without one', {
    code: 'cursor.invalid',
  });
}
