import { InvalidInputError } from '@infratraq/kernel';

const maximumDepth = 100;

/**
 * Writes a JSON value byte for byte as Python's `json.dumps(value, sort_keys=True)` does, for the value that
 * Python reads from `JSON.stringify(value)`.
 *
 * JavaScript has one kind of number: `1.0` and `1` are the same here, and both are written as Python's integer `1`.
 * A service in another language that shares a key must pass whole numbers as integers; whole numbers from 1e21 on
 * are floats for both. Properties that are undefined are left out.
 *
 * @throws InvalidInputError `json.value` for what JSON cannot carry (NaN, functions, dates) and below 100 levels
 */
export function writePythonJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (depth > maximumDepth) throw refuse(`values nested more than ${maximumDepth} levels deep`);
  if (value === null) return 'null';
  switch (typeof value) {
    case 'boolean':
      return String(value);
    case 'string':
      return writeString(value);
    case 'number':
      return writeNumber(value);
    case 'object':
      if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(', ')}]`;
      if (isPlainObject(value)) return writeObject(value, depth);
      throw refuse(`a ${value.constructor.name}`);
    default:
      throw refuse(`a value of type ${typeof value}`);
  }
}

function writeObject(value: Readonly<Record<string, unknown>>, depth: number): string {
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort(compareCodePoints)
    .map((key) => `${writeString(key)}: ${write(value[key], depth + 1)}`);
  return `{${members.join(', ')}}`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
};

// Without the flag `u` this matches UTF-16 units, so a character beyond U+FFFF becomes its surrogate pair.
const escaped = /["\\]|[^ -~]/g;

function writeString(text: string): string {
  const body = text.replace(
    escaped,
    (unit) => shortEscapes[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${body}"`;
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw refuse(String(value));
  if (value === 0) return '0';
  // Python changes to exponents below 1e-4, JavaScript only below 1e-6.
  const text = Math.abs(value) < 1e-4 ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

// By code points as Python sorts; JavaScript's own order is by UTF-16 units.
function compareCodePoints(left: string, right: string): number {
  for (let at = 0; at < left.length && at < right.length; at += 1) {
    if (left[at] !== right[at])
      return (left.codePointAt(startOf(left, at)) ?? 0) - (right.codePointAt(startOf(right, at)) ?? 0);
  }
  return left.length - right.length;
}

// Where two characters share their first surrogate, the difference is in the second.
function startOf(text: string, at: number): number {
  const isSecondOfPair = at > 0 && /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(at - 1, at + 1));
  return isSecondOfPair ? at - 1 : at;
}

function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function refuse(what: string): InvalidInputError {
  return new InvalidInputError(
    `JSON cannot carry ${what}; pass strings, numbers, booleans, lists and objects`,
    {
      code: 'json.value',
    },
  );
}
