/** Tells an object literal, such as a condition of a filter, from dates, identifiers and other values. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
