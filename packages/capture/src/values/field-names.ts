/** Names that a JavaScript object or the MongoDB driver takes for its own. */
const reservedNames: ReadonlySet<string> = new Set(['__proto__', '_bsontype']);

/** Whether a document can have a field of this name. */
export function isSafeFieldName(name: string): boolean {
  return !reservedNames.has(name);
}

/** The field that holds a column: its name as it is, dots and dollar signs included; reserved ones get an underscore. */
export function nameField(column: string): string {
  return isSafeFieldName(column) ? column : `${column}_`;
}
