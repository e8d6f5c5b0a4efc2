import { ConflictError } from '@infratraq/kernel';
import { isDuplicateKey, type Stored } from '@infratraq/mongo';
import type { Model, QueryFilter, UpdateQuery } from 'mongoose';

/** A document that only a writer who has read its latest version may write. */
export interface Versioned {
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** The version that a writer has read is no longer the latest; nothing was written. */
export class StaleVersionError extends ConflictError {
  constructor({ what, expected }: { what: string; expected: number }) {
    super(
      `Somebody has changed ${what} since version ${expected}; read it again, then write`,
      'preferences.stale',
    );
  }
}

/**
 * Writes a document if `expected` is still its version: 0 creates it, any other replaces what `fields` names.
 * A field that is undefined is removed.
 *
 * @throws StaleVersionError `preferences.stale` when another writer came first
 */
export async function writeVersioned<T extends Versioned>(
  model: Model<T>,
  write: { what: string; key: Partial<T>; expected: number; fields: Partial<T>; at: Date },
): Promise<Stored<T>> {
  const { what, key, expected, fields, at } = write;
  if (expected === 0) return create(model, write);
  const entries = Object.entries(fields);
  const set = Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  const unset = Object.fromEntries(
    entries.filter(([, value]) => value === undefined).map(([name]) => [name, 1]),
  );
  const written = await model
    .findOneAndUpdate(
      { ...key, version: expected } as QueryFilter<T>,
      {
        $set: { ...set, updated_at: at },
        ...(Object.keys(unset).length > 0 && { $unset: unset }),
        $inc: { version: 1 },
      } as UpdateQuery<T>,
      { returnDocument: 'after', runValidators: true },
    )
    .lean();
  if (!written) throw new StaleVersionError({ what, expected });
  return written as unknown as Stored<T>;
}

async function create<T extends Versioned>(
  model: Model<T>,
  { what, key, fields, at }: { what: string; key: Partial<T>; fields: Partial<T>; at: Date },
): Promise<Stored<T>> {
  try {
    const created = await model.create({ ...key, ...fields, version: 1, created_at: at, updated_at: at });
    return created.toObject() as unknown as Stored<T>;
  } catch (error) {
    if (isDuplicateKey(error)) throw new StaleVersionError({ what: what, expected: 0 });
    throw error;
  }
}
