/** The part of JSON Schema that API descriptions use for request bodies. */
export interface JsonSchema {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  propertyNames?: JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  $ref?: string;
}

/** Makes a value that fits a schema, with every property there is. */
export function sample(schema: JsonSchema, resolve: (reference: string) => JsonSchema): unknown {
  if (schema.$ref) return sample(resolve(schema.$ref), resolve);
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.[0];
  if (choice) return sample(choice, resolve);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, property]) => [name, sample(property, resolve)]),
      );
    case 'array':
      return schema.items ? [sample(schema.items, resolve)] : [];
    case 'integer':
    case 'number':
      return schema.minimum ?? (schema.exclusiveMinimum ?? 0) + 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return sampleText(schema);
  }
}

function sampleText({ format, minLength }: JsonSchema): string {
  if (format === 'date-time') return '2026-01-02T03:04:05Z';
  if (format === 'date') return '2026-01-02';
  if (format === 'uuid') return '6f0c1a4e-9b1d-4c53-8f5a-0b7a3d1f2e90';
  if (format === 'uri') return 'https://example.org/';
  return 'a'.repeat(Math.max(minLength ?? 0, 3));
}

/** Every way to put `poison` in the place of one string of a value. */
export function* poisonStrings(value: unknown, poison: unknown): Generator<{ path: string; value: unknown }> {
  if (typeof value === 'string') yield { path: '', value: poison };
  else if (Array.isArray(value))
    for (const [position, item] of value.entries())
      for (const inner of poisonStrings(item, poison))
        yield { path: `/${position}${inner.path}`, value: value.with(position, inner.value) };
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value))
      for (const inner of poisonStrings(item, poison))
        yield { path: `/${key}${inner.path}`, value: { ...value, [key]: inner.value } };
}

/** A place of a schema where a text may stand. */
export interface TextPlace {
  readonly path: string;
  /** Schema of the text; empty in a value of any shape. */
  readonly schema: JsonSchema;
  /** A value that fits the schema but for this text. */
  put(text: string): unknown;
}

/** Every place of a schema, in each of its alternatives, where a text may stand that is not one of a list. */
export function* textPlaces(
  schema: JsonSchema,
  resolve: (reference: string) => JsonSchema,
): Generator<TextPlace> {
  if (schema.$ref) return yield* textPlaces(resolve(schema.$ref), resolve);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) {
    for (const choice of choices) yield* textPlaces(choice, resolve);
    return;
  }
  const whole = sample(schema, resolve);
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    for (const { path, put, ...place } of textPlaces(property, resolve))
      yield {
        ...place,
        path: `/${name}${path}`,
        put: (text) => ({ ...(whole as object), [name]: put(text) }),
      };
  if (schema.items)
    for (const { path, put, ...place } of textPlaces(schema.items, resolve))
      yield { ...place, path: `/0${path}`, put: (text) => [put(text)] };
  const { additionalProperties } = schema;
  if (typeof additionalProperties === 'object') {
    for (const { path, put, ...place } of textPlaces(additionalProperties, resolve))
      yield { ...place, path: `/key${path}`, put: (text) => ({ ...(whole as object), key: put(text) }) };
    const key = schema.propertyNames ?? {};
    yield { path: '/(key)', schema: key, put: (text) => ({ ...(whole as object), [text]: 'x' }) };
  }
  const isText = schema.type === 'string' && !schema.enum && schema.const === undefined;
  if (isText || isAnything(schema)) yield { path: '', schema, put: (text) => text };
}

function isAnything(schema: JsonSchema): boolean {
  return Object.keys(schema).every((name) => name === 'description');
}
