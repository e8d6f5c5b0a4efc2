/** Deeper values are kept as text: the document store refuses nesting beyond 100 levels, the change's own included. */
const deepestNesting = 80;

/**
 * Parses json and jsonb, unless a document could not hold it without loss: then the text itself is the value.
 *
 * Kept as text are values with a number beyond a double's precision, a null character in a name,
 * or very deep nesting.
 */
export function convertJson(text: string): unknown {
  if (text.includes('\\u0000') || isTooDeep(text)) return text;
  if (!mayLosePrecision.test(text)) return JSON.parse(text) as unknown;
  let exact = true;
  const value: unknown = JSON.parse(text, (_key, item: unknown, context?: { source?: string }) => {
    if (typeof item === 'number' && context?.source !== undefined) exact &&= isExact(item, context.source);
    return item;
  });
  return exact ? value : text;
}

/** Any number of 15 digits and a common exponent survives; only a longer run or an exponent needs a closer look. */
const mayLosePrecision = /[0-9.]{16}|[0-9][eE]/;

function isExact(value: number, source: string): boolean {
  if (String(value) === source) return true;
  const [mantissa = '', exponent = '0'] = source.toLowerCase().split('e');
  const significantDigits = mantissa.replace(/[-.]/g, '').replace(/^0+/, '');
  return significantDigits.length <= 15 && Math.abs(Number(exponent)) < 280;
}

function isTooDeep(text: string): boolean {
  if (text.length <= deepestNesting) return false;
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === '{' || character === '[') deepest = Math.max(deepest, (depth += 1));
    else if (character === '}' || character === ']') depth -= 1;
  }
  return deepest > deepestNesting;
}
