import { isSecretName, redacted, redactJson, redactText, type RedactionKind } from '@infratraq/kernel';
import { isPlainObject } from './inspect-value.js';

/** Answers what is kept of a value; undefined when nothing is. */
export type RedactValue = (value: unknown) => unknown;

/** Makes what a kind of redaction does to one value; arrays are redacted item by item. */
export function redactBy(kind: RedactionKind, hash: (text: string) => string): RedactValue {
  switch (kind) {
    case 'drop':
      return () => undefined;
    case 'mask':
      return eachItem(() => redacted);
    case 'hash':
      return eachItem((value) => hash(typeof value === 'string' ? value : (JSON.stringify(value) ?? '')));
    case 'secrets':
      return redactSecrets;
  }
}

function eachItem(redact: (value: unknown) => unknown): RedactValue {
  return (value) =>
    Array.isArray(value) ? value.map(redact) : value === null || value === undefined ? value : redact(value);
}

/** Masks secrets by their names and by their form, at any depth; what holds none is answered as it was. */
export function redactSecrets(value: unknown): unknown {
  if (typeof value === 'string') return /^\s{0,8}[[{]/.test(value) ? redactJson(value) : redactText(value);
  if (Array.isArray(value)) return value.map(redactSecrets);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      isSecretName(name) && inner !== null && inner !== undefined ? redacted : redactSecrets(inner),
    ]),
  );
}
