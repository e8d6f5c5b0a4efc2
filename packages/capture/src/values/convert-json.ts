import { canHold, isSafeFieldName } from './field-names.js';
import { listNamesInText, listNamesInValue } from './list-names.js';

/** Deeper values are kept as text: the document store refuses nesting beyond 100 levels, the change's own included. */
const deepestNesting = 80;

/**
 * Whatever might not survive: a number that a double may round, an escape that might stand for a null character or
 * half a character, and names that documents or the driver take for their own.
 */
const suspicious =
  /[0-9.]{16}|[0-9][eE]|\\u(?:0000|[dD][89a-fA-F]|00)|"__|"_bsontype"|"\$id"|"(?:constructor|has|is|property|to|value)[A-Z"]/;

/** Half a surrogate pair, which UTF-8 has no form for. */
const halfCharacter = /\p{Surrogate}/u;

/**
 * Turns json and jsonb into documents, lists, numbers and booleans, unless those could not hold it without loss:
 * then the text itself is the value. A text or `null` that stands alone stays JSON text, too, so that a stored
 * text is always JSON and a stored null always SQL's.
 *
 * Kept as text are values with a number that a double would round, a null character or half a surrogate pair,
 * a name that the driver takes for its own, or very deep nesting.
 */
export function convertJsonb(text: string): unknown {
  const first = text[0];
  if (first === '"' || first === 'n' || isTooDeep(text)) return text;
  if (!suspicious.test(text)) return parse(text) ?? text;
  let exact = true;
  const value = parse(text, (key, item: unknown, context?: { source?: string }) => {
    if (typeof item === 'number' && context?.source !== undefined) exact &&= isExact(item, context.source);
    else if (typeof item === 'string') exact &&= !halfCharacter.test(item);
    exact &&= isStorableName(key) && canHold(key, item) && !isReferenceLike(item);
    return item;
  });
  return exact && value !== undefined ? value : text;
}

/**
 * Like jsonb, and kept as text where a name occurs twice in one object, or where an object would have its names in
 * another order (JavaScript moves those that look like indexes to the front); jsonb keeps neither.
 */
export function convertJson(text: string): unknown {
  const trimmed = text.trim();
  const value = convertJsonb(trimmed);
  if (typeof value === 'string') return text;
  return typeof value !== 'object' || hasSameNames(value, trimmed) ? value : text;
}

function hasSameNames(value: object | null, text: string): boolean {
  const [names, written] = [listNamesInValue(value), listNamesInText(text)];
  return names.length === written.length && names.every((name, index) => name === written[index]);
}

type Reviver = (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown;

/** Answers undefined for what is no JSON: the type may have been another one when the value was written. */
function parse(text: string, reviver?: Reviver): unknown {
  try {
    return JSON.parse(text, reviver) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isStorableName(name: string): boolean {
  return isSafeFieldName(name) && !halfCharacter.test(name) && !name.includes('\0');
}

/** Drivers read such an object as a reference to a document, whatever it means. */
function isReferenceLike(item: unknown): boolean {
  return typeof item === 'object' && item !== null && '$ref' in item && '$id' in item;
}

/** No double needs more digits, however small it is and without an exponent. */
const mostExactLength = 400;

/** Whether the double is written with the same digits, so that writing it back gives the same number. */
function isExact(value: number, source: string): boolean {
  if (source.length > mostExactLength) return false;
  return String(value) === source || normalizeDecimal(String(value)) === normalizeDecimal(source);
}

/** Sign, digits and exponent without any zeros that don't matter. */
function normalizeDecimal(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return text;
  const [, sign, whole = '', decimals = '', exponent = '0'] = match;
  const digits = (whole + decimals).replace(/^0+/, '');
  if (digits === '') return `${sign}0`;
  const significant = digits.replace(/0+$/, '');
  const scale = Number(exponent) - decimals.length + digits.length - significant.length;
  return `${sign}${significant}e${scale}`;
}

function isTooDeep(text: string): boolean {
  if (text.length <= 2 * deepestNesting) return false;
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    // With bit 5 set aside, `{` and `[` are one, and so are `}` and `]`.
    if ((code & ~0x20) === 0x5b) {
      depth += 1;
      if (depth > deepestNesting) return true;
    } else if ((code & ~0x20) === 0x5d) depth -= 1;
  }
  return false;
}
