import { DefinitionError } from '@infratraq/kernel';
import { z } from 'zod';

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

/** A path in a template: names and places, `['comments', 0, 'author']`; a nested list is a computed part. */
export type VariablePath = readonly (string | number | VariablePath)[];

/** Whether a template may read a path. */
export type KnowsPath = (path: VariablePath) => boolean;

/** Reads the paths of a schema. Below an open value (a record, any value) every path passes. */
export function readPaths(schema: z.ZodType): KnowsPath {
  const root = z.toJSONSchema(schema, { unrepresentable: 'any', io: 'output' }) as JsonSchema;
  return (path) => reaches(root, path, root);
}

function reaches(schema: JsonSchema, path: VariablePath, root: JsonSchema): boolean {
  const [head, ...rest] = path;
  if (head === undefined) return true;
  if (schema.$ref !== undefined) {
    const target = schema.$ref === '#' ? root : root.$defs?.[schema.$ref.replace('#/$defs/', '')];
    return target === undefined || reaches(target, path, root);
  }
  const branches = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (branches) return branches.some((branch) => reaches(branch, path, root));
  if (schema.type === undefined && schema.properties === undefined) return true;
  if (head === 'size') return schema.type === 'array' || schema.type === 'string' || schema.type === 'object';
  if (schema.type === 'array') {
    const isElement = typeof head === 'number' || head === 'first' || head === 'last' || Array.isArray(head);
    return isElement && (schema.items === undefined || reaches(schema.items, rest, root));
  }
  const known =
    typeof head === 'string' && Object.hasOwn(schema.properties ?? {}, head)
      ? schema.properties?.[head]
      : undefined;
  if (known) return reaches(known, rest, root);
  if (schema.type !== 'object') return false;
  if (typeof head === 'object') return true;
  const { additionalProperties } = schema;
  if (additionalProperties === undefined || additionalProperties === false) return false;
  return additionalProperties === true || reaches(additionalProperties, rest, root);
}

/** @throws DefinitionError `definition.notification.variable` when a template reads what its data can't have */
export function assertVariables(
  where: string,
  paths: readonly VariablePath[],
  knows: KnowsPath,
  reserved: readonly string[],
): void {
  for (const path of paths) {
    if (typeof path[0] === 'string' && reserved.includes(path[0])) continue;
    if (!knows(path))
      throw new DefinitionError(
        where,
        'notification.variable',
        `Its template reads ${path.join('.')}, which its data does not have`,
      );
  }
}
