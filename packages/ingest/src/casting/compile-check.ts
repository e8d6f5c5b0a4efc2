import { InvalidInputError } from '@infratraq/kernel';
import type { Schema, SchemaType } from 'mongoose';

/** Finds what is wrong with a cast document, or nothing. */
export type Check = (document: object, prefix?: string) => InvalidInputError | undefined;

interface Validator {
  readonly type?: string;
  readonly message?: unknown;
  readonly validator?: RegExp | Predicate;
}

type Predicate = (this: object, value: unknown) => unknown;

type NestingType = SchemaType & { schema?: Schema; embeddedSchemaType?: SchemaType };
type FieldCheck = (owner: object, prefix: string) => InvalidInputError | undefined;

/**
 * Compiles the validators of a schema to one synchronous function over plain documents: what is recorded is checked
 * at once, and without a Mongoose document for every part of it.
 */
export function compileCheck(schema: Schema): Check {
  const checks = Object.entries(schema.paths).map(([path, type]) => checkField(path, type));
  return (document, prefix = '') => {
    for (let place = 0; place < checks.length; place += 1) {
      const fault = (checks[place] as FieldCheck)(document, prefix);
      if (fault) return fault;
    }
    return undefined;
  };
}

function checkField(path: string, type: NestingType): FieldCheck {
  const steps = path.split('.');
  const read = steps.length === 1 ? (owner: object) => (owner as Record<string, unknown>)[path] : undefined;
  const validators = validatorsOf(type);
  const checkNested = type.schema && compileCheck(type.schema);
  // Mongoose asks nothing of free-form elements, whatever is declared.
  const isChecked = type.embeddedSchemaType && !type.schema && type.embeddedSchemaType.instance !== 'Mixed';
  const elementValidators = isChecked ? validatorsOf(type.embeddedSchemaType as SchemaType) : [];
  const looksInside = checkNested !== undefined || elementValidators.length > 0;
  return (owner, prefix) => {
    const value = read ? read(owner) : valueAt(owner, steps);
    const fault = applyValidators(validators, owner, value, prefix, path);
    if (fault || !looksInside || typeof value !== 'object' || value === null) return fault;
    if (!Array.isArray(value)) return checkNested?.(value, `${prefix}${path}.`);
    for (let place = 0; place < value.length; place += 1) {
      const element: unknown = value[place];
      const nestedFault = checkNested
        ? checkElement(checkNested, element, `${prefix}${path}.${place}`)
        : applyValidators(elementValidators, owner, element, prefix, `${path}.${place}`);
      if (nestedFault) return nestedFault;
    }
    return undefined;
  };
}

function checkElement(check: Check, element: unknown, path: string): InvalidInputError | undefined {
  if (element === null || element === undefined) return undefined;
  if (typeof element === 'object') return check(element, `${path}.`);
  return new InvalidInputError(`${path} cannot be cast to an object`, { code: 'event.invalid' });
}

function validatorsOf(type: SchemaType): readonly Validator[] {
  return (type.validators as unknown as readonly Validator[]).map((one) =>
    one.type === 'required' && typeof one.validator === 'function'
      ? { ...one, validator: expectPresence(type, one.validator) }
      : one,
  );
}

// Mongoose's own asks its document what was selected and modified; for a plain value of the right type there is no question.
function expectPresence(type: SchemaType, validator: Predicate): Predicate {
  const { instance } = type;
  return function (value) {
    switch (typeof value) {
      case 'string':
        if (instance === 'String' && value !== '') return true;
        break;
      case 'number':
        if (instance === 'Number') return true;
        break;
      case 'boolean':
        if (instance === 'Boolean') return true;
        break;
      case 'object':
        if (instance === 'Date' && value instanceof Date) return true;
        break;
    }
    return validator.call(this, value);
  };
}

function applyValidators(
  validators: readonly Validator[],
  owner: object,
  value: unknown,
  prefix: string,
  path: string,
): InvalidInputError | undefined {
  for (let place = 0; place < validators.length; place += 1) {
    const { type, validator, message } = validators[place] as Validator;
    if (!validator || (value === undefined && type !== 'required')) continue;
    const accepted =
      validator instanceof RegExp ? validator.test(String(value)) : validator.call(owner, value);
    if (!accepted)
      return new InvalidInputError(describeFault(prefix + path, type, message), { code: 'event.invalid' });
  }
  return undefined;
}

// Without the value: it may be a secret, and what is wrong is logged.
function describeFault(path: string, type: string | undefined, message: unknown): string {
  if (typeof message !== 'string') return `${path} fails its check ${type ?? ''}`.trimEnd();
  const text = message
    .replace('{PATH}', path)
    .replace(/\s*\({VALUE}\)/, '')
    .replace('{VALUE}', 'the value');
  return text.includes(path) ? text : `${path} ${text}`;
}

function valueAt(owner: object, steps: readonly string[]): unknown {
  return steps.reduce<unknown>(
    (at, step) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[step] : undefined),
    owner,
  );
}
