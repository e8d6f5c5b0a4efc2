import type { InputFault } from '../errors/errors.js';

interface Place {
  readonly key: string;
  readonly parent: Place | undefined;
}

const unstorable = /[\0\p{Surrogate}]/u;

/**
 * Finds the first text in a value, keys included, that no database keeps as it is: PostgreSQL refuses a NUL character
 * and half of a surrogate pair, MongoDB replaces the latter. Bytes, dates and instances of classes are left alone.
 */
export function findUnstorableText(value: unknown): InputFault | undefined {
  const fault = (text: string, at: Place | undefined): InputFault | undefined => {
    const message = describeUnstorable(text);
    return message === undefined ? undefined : { path: pathOf(at), message };
  };
  if (typeof value === 'string') return fault(value, undefined);
  const seen = new Set<unknown>();
  // A stack of its own: JSON may be nested deeper than calls can be.
  const waiting: [value: unknown, at: Place | undefined][] = [[value, undefined]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [holder, parent] = next;
    if (!isContainer(holder) || seen.has(holder)) continue;
    seen.add(holder);
    for (const [key, member] of Object.entries(holder)) {
      const at = { key: key.replaceAll(/[\p{Surrogate}\0]/gu, '\ufffd'), parent };
      const found = fault(key, at) ?? (typeof member === 'string' ? fault(member, at) : undefined);
      if (found) return found;
      if (typeof member === 'object') waiting.push([member, at]);
    }
  }
  return undefined;
}

/** Why a text cannot be kept as it is; undefined for one that can. */
export function describeUnstorable(text: string): string | undefined {
  const [found] = unstorable.exec(text) ?? [];
  if (found === undefined) return undefined;
  return found === '\0'
    ? 'holds a NUL character (U+0000); remove it'
    : 'is not well-formed Unicode: it holds half of a surrogate pair, as a text that was cut within an emoji';
}

function isContainer(value: unknown): value is object {
  if (Array.isArray(value)) return true;
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects of another realm, such as a test's, have another Object.prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function pathOf(place: Place | undefined): string {
  const keys: string[] = [];
  for (let at = place; at; at = at.parent) keys.unshift(at.key);
  return `/${keys.join('/')}`;
}
