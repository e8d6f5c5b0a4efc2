import { Types } from 'mongoose';
import type { AnyDocument } from './conformance-subject.js';

/** The value at a dotted path, through the first element of arrays. */
export function valueAt(document: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => {
    const within: unknown = Array.isArray(at) && !/^\d+$/.test(key) ? at[0] : at;
    return typeof within === 'object' && within !== null ? (within as AnyDocument)[key] : undefined;
  }, document);
}

/** Sets the value at a dotted path, in every element of arrays; parents that are missing are made. */
export function setPath(document: AnyDocument, path: string, value: unknown): AnyDocument {
  const [head = '', ...rest] = path.split('.');
  if (rest.length === 0) {
    document[head] = Array.isArray(document[head]) && !Array.isArray(value) ? [value] : value;
    return document;
  }
  const inner = document[head];
  const branches = Array.isArray(inner) ? inner : [inner ?? (document[head] = {})];
  for (const branch of branches) setPath(branch as AnyDocument, rest.join('.'), value);
  return document;
}

/** Removes the value at a dotted path, in every element of arrays; elements that lack it stay as they are. */
export function removePath(document: AnyDocument, [head = '', ...rest]: readonly string[]): AnyDocument {
  if (rest.length === 0) {
    delete document[head];
    return document;
  }
  const inner = document[head];
  for (const branch of Array.isArray(inner) ? inner : [inner])
    if (typeof branch === 'object' && branch !== null) removePath(branch as AnyDocument, rest);
  return document;
}

/** Gives each of these paths a value of the same type that no other `step` gives it. */
export function varyPaths(document: AnyDocument, paths: readonly string[], step: number): AnyDocument {
  for (const path of new Set(paths)) setPath(document, path, varyValue(valueAt(document, path), step));
  return document;
}

function varyValue(value: unknown, step: number): unknown {
  if (typeof value === 'string') return `${value}~${step}`;
  if (typeof value === 'number') return value + step;
  if (value instanceof Date) return new Date(value.getTime() + step * 60_000);
  if (value instanceof Types.ObjectId) return new Types.ObjectId();
  if (Array.isArray(value)) return value.map((item) => varyValue(item, step));
  return value;
}
