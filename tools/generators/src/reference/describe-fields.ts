import type { Schema, SchemaType } from 'mongoose';

/** One stored field, by its dotted path. */
export interface FieldDescription {
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  readonly values?: readonly string[];
}

/** Lists the fields of a schema, those of nested documents included; `[]` marks what stands in an array. */
export function describeFields(schema: Schema, prefix = ''): FieldDescription[] {
  return Object.values(schema.paths).flatMap((field) => {
    const path = `${prefix}${field.path}`;
    const { schema: nested, embedded, values } = inspect(field);
    const isArray = field.instance === 'Array';
    const own = {
      path: isArray ? `${path}[]` : path,
      type: nested ? 'document' : (embedded ?? field.instance).toLowerCase(),
      required: field.isRequired === true,
      ...(values.length > 0 && { values }),
    };
    return nested ? [own, ...describeFields(nested, `${own.path}.`)] : [own];
  });
}

interface Inspected {
  schema: Schema | undefined;
  embedded: string | undefined;
  values: string[];
}

function inspect(field: SchemaType): Inspected {
  const { schema, embeddedSchemaType, enumValues } = field as SchemaType & {
    schema?: Schema;
    embeddedSchemaType?: SchemaType & { enumValues?: string[] };
    enumValues?: (string | null)[];
  };
  const values = enumValues ?? embeddedSchemaType?.enumValues ?? [];
  return {
    schema,
    embedded: embeddedSchemaType?.instance,
    values: values.filter((value) => typeof value === 'string'),
  };
}
