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
      return createSecretsRedactor();
  }
}

function eachItem(redact: (value: unknown) => unknown): RedactValue {
  return (value) =>
    Array.isArray(value) ? value.map(redact) : value === null || value === undefined ? value : redact(value);
}

const rememberedNames = 1_000;

/** Masks secrets by their names and by their form, at any depth, in a copy. */
function createSecretsRedactor(): RedactValue {
  // The names of fields come again with every event.
  const known = new Map<string, boolean>();
  const isSecret = (name: string): boolean => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const answer = isSecretName(name);
    if (known.size < rememberedNames) known.set(name, answer);
    return answer;
  };
  const redact: RedactValue = (value) => {
    if (typeof value === 'string') return /^\s{0,8}[[{]/.test(value) ? redactJson(value) : redactText(value);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(redact);
    if (!isPlainObject(value)) return value;
    // Entries, for to assign to a field named __proto__ would lose it.
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        isSecret(name) && inner !== null && inner !== undefined ? redacted : redact(inner),
      ]),
    );
  };
  return redact;
}
