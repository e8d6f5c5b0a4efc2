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

/** What every object inherits: the driver takes a list of such a name for one of its own, and answers its items as bytes. */
const inheritedNames: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Whether a field of this name can hold the value: a list comes back in one piece only under other names. */
export function canHold(name: string, value: unknown): boolean {
  return !(Array.isArray(value) && inheritedNames.has(name));
}

/** JavaScript moves such names of an object to its front. */
export function isIndexLike(name: string): boolean {
  return /^\d+$/.test(name);
}
