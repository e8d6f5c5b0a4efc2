/** Names that a JavaScript object or the MongoDB driver takes for its own. */
const reservedNames: ReadonlySet<string> = new Set(['__proto__', '_bsontype']);

/** Those names, and what `nameField` makes of them. */
const reservedForms = /^(?:__proto__|_bsontype)_*$/;

/** Whether a document can have a field of this name. */
export function isSafeFieldName(name: string): boolean {
  return !reservedNames.has(name);
}

/**
 * The field that holds a column: its name as it is, dots and dollar signs included. A reserved name gets an underscore,
 * and so does a column that is named like such a field: two columns never share one.
 */
export function nameField(column: string): string {
  return reservedForms.test(column) ? `${column}_` : column;
}

/** JavaScript moves such names of an object to its front. */
export function isIndexLike(name: string): boolean {
  return /^\d+$/.test(name);
}
