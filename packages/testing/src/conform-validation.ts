import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { modelOf, type AnyDocument, type ConformanceSubject } from './conformance-subject.js';
import { listSchemaFields, type SchemaField } from './schema-paths.js';
import { removePath, setPath } from './vary-document.js';

/** Bad input is refused, and leaves nothing behind. */
export function conformValidation(subject: ConformanceSubject): void {
  describe('bad input', () => {
    beforeAll(() => modelOf(subject).collection.deleteMany({}));
    afterAll(async () => {
      expect(await modelOf(subject).collection.countDocuments()).toBe(0);
    });

    it('is refused when a required field is missing', async () => {
      for (const field of fieldsOf(subject).filter(isRequiredInput))
        await expectRefusal(subject, field.path, removePath(subject.example(), field.path.split('.')));
    });

    it('is refused when it has a field that the class does not know', async () => {
      await expectRefusal(subject, 'not_a_field', { ...subject.example(), not_a_field: 1 });
      for (const field of fieldsOf(subject).filter(({ type }) => 'schema' in type && type.schema)) {
        const path = `${field.path}.not_a_field`;
        await expectRefusal(subject, path, setPath(subject.example(), path, 1));
      }
    });

    it('is refused when a text field holds an operator object', async () => {
      for (const { path, kind } of fieldsOf(subject).filter((field) => /^String/.test(field.kind))) {
        const operator = { $gt: '' };
        const value = kind === 'String' ? operator : [operator];
        await expectRefusal(subject, path, setPath(subject.example(), path, value));
      }
    });
  });
}

function fieldsOf(subject: ConformanceSubject): SchemaField[] {
  return listSchemaFields(modelOf(subject).schema);
}

// A default stands in for a missing value, and Mongoose makes every missing array an empty one.
function isRequiredInput({ type, kind }: SchemaField): boolean {
  const { default: standIn } = type.options as { default?: unknown };
  return Boolean(type.isRequired) && standIn === undefined && !kind.endsWith('[]') && kind !== 'Array';
}

async function expectRefusal(
  subject: ConformanceSubject,
  path: string,
  document: AnyDocument,
): Promise<void> {
  const outcome = await modelOf(subject)
    .create(document)
    .then(
      () => `${path}: accepted`,
      (error: Error) => `${path}: ${error.name}`,
    );
  expect(outcome).toMatch(/: (ValidationError|StrictModeError|CastError|ObjectExpectedError)$/);
}
