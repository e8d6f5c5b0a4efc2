import { mongo } from 'mongoose';

const deepest = 100;

/** Tells whether a value is an object that a literal makes. */
export function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as unknown;
  return prototype === Object.prototype || prototype === null;
}

/** Tells whether free-form content consists of nothing but plain and BSON values, not too deep for MongoDB. */
export function isStorableAsItIs(value: unknown, depth = 1): boolean {
  switch (typeof value) {
    case 'object':
      break;
    case 'function':
    case 'symbol':
      return false;
    default:
      return true;
  }
  if (value === null || value instanceof Date || value instanceof mongo.ObjectId) return true;
  if (depth > deepest) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!isStorableAsItIs(item, depth + 1)) return false;
    return true;
  }
  if (!isPlainObject(value)) return false;
  for (const key in value)
    if (isSpecialKey(key) || !isStorableAsItIs((value as Record<string, unknown>)[key], depth + 1))
      return false;
  return true;
}

// Mongoose leaves the first three out, and may take an object with the others for one of its documents.
const specialKeys = new Set(['__proto__', 'prototype', 'constructor', '_doc', 'isMongooseArrayProxy']);

function isSpecialKey(key: string): boolean {
  return key.startsWith('$') ? key.startsWith('$__') || key.startsWith('$is') : specialKeys.has(key);
}

/** Tells whether a value is nested deeper than MongoDB holds; some engines answer that by closing the connection. */
export function isNestedTooDeep(value: unknown, levels = deepest): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Date || '_bsontype' in value)
    return false;
  if (ArrayBuffer.isView(value)) return false;
  return levels === 0 || Object.values(value).some((inner) => isNestedTooDeep(inner, levels - 1));
}
