import { InvalidInputError } from '@infratraq/kernel';
import type { Schema, SchemaType } from 'mongoose';

/** Finds what is wrong with a cast document, or nothing. */
export type Check = (document: object, prefix?: string) => InvalidInputError | undefined;

interface Validator {
  readonly type?: string;
  readonly message?: unknown;
  readonly validator?: RegExp | ((this: object, value: unknown) => unknown);
}

type NestingType = SchemaType & { schema?: Schema; embeddedSchemaType?: SchemaType };
type FieldCheck = (owner: object, prefix: string) => InvalidInputError | undefined;

/**
 * Compiles the validators of a schema to one synchronous function over plain documents: what is recorded is checked
 * at once, and without a Mongoose document for every part of it.
 */
export function compileCheck(schema: Schema): Check {
  const checks = Object.entries(schema.paths).map(([path, type]) => checkField(path, type));
  return (document, prefix = '') => {
    for (const check of checks) {
      const fault = check(document, prefix);
      if (fault) return fault;
    }
    return undefined;
  };
}

function checkField(path: string, type: NestingType): FieldCheck {
  const steps = path.split('.');
  const validators = validatorsOf(type);
  const checkNested = type.schema && compileCheck(type.schema);
  const elementValidators =
    type.embeddedSchemaType && !type.schema ? validatorsOf(type.embeddedSchemaType) : [];
  return (owner, prefix) => {
    const value = valueAt(owner, steps);
    const fault = applyValidators(validators, owner, value, prefix + path);
    if (fault || typeof value !== 'object' || value === null) return fault;
    const elements: unknown[] = Array.isArray(value) ? value : [value];
    for (const [place, element] of elements.entries()) {
      const at = Array.isArray(value) ? `${prefix}${path}.${place}` : prefix + path;
      const nestedFault =
        checkNested && typeof element === 'object' && element !== null
          ? checkNested(element, `${at}.`)
          : applyValidators(elementValidators, owner, element, at);
      if (nestedFault) return nestedFault;
    }
    return undefined;
  };
}

function validatorsOf(type: SchemaType): readonly Validator[] {
  return type.validators as unknown as readonly Validator[];
}

function applyValidators(
  validators: readonly Validator[],
  owner: object,
  value: unknown,
  path: string,
): InvalidInputError | undefined {
  for (const { type, validator, message } of validators) {
    if (!validator || (value === undefined && type !== 'required')) continue;
    const accepted =
      validator instanceof RegExp ? validator.test(String(value)) : validator.call(owner, value);
    if (!accepted) return new InvalidInputError(describeFault(path, value, type, message));
  }
  return undefined;
}

function describeFault(path: string, value: unknown, type: string | undefined, message: unknown): string {
  if (typeof message !== 'string') return `${path} fails its check ${type ?? ''}`.trimEnd();
  return message.replace('{PATH}', path).replace('{VALUE}', String(value).slice(0, 100));
}

function valueAt(owner: object, steps: readonly string[]): unknown {
  return steps.reduce<unknown>(
    (at, step) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[step] : undefined),
    owner,
  );
}
