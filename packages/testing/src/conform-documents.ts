import { expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { modelOf, type AnyDocument, type ConformanceSubject } from './conformance-subject.js';
import { listSchemaFields } from './schema-paths.js';

const addedByPolicy = ['archived_at', 'expires_at'];

/** The example document has every field, and each comes back as it was stored. */
export function conformDocuments(subject: ConformanceSubject): void {
  it('has an example document with every field', () => {
    const example = subject.example();
    const missing = listSchemaFields(modelOf(subject).schema)
      .map(({ path }) => path)
      .filter(
        (path) => path !== '_id' && !addedByPolicy.includes(path) && !hasPath(example, path.split('.')),
      );
    expect(missing).toEqual([]);
  });

  it('brings every field back unchanged', async () => {
    const model = modelOf(subject);
    await model.collection.deleteMany({});
    const policyFields = addedByPolicy.filter((path) => model.schema.path(path));
    const dates = Object.fromEntries(
      policyFields.map((path) => [path, new Date('2031-05-06T07:08:09.123Z')]),
    );
    const complete = { ...dates, ...subject.example() };
    const { _id } = await new model(complete).save();
    const stored = await model.findById(_id).lean();
    expect(canonical(stored)).toEqual(canonical({ _id, ...complete }));
  });
}

function hasPath(value: unknown, path: readonly string[]): boolean {
  if (Array.isArray(value)) return value.some((item) => hasPath(item, path));
  const [head, ...rest] = path;
  if (head === undefined) return value !== undefined;
  if (typeof value !== 'object' || value === null) return false;
  const inner = value instanceof Map ? (value.get(head) as unknown) : (value as AnyDocument)[head];
  return inner !== undefined && !(rest.length === 0 && isEmptyArray(inner)) && hasPathOrEnd(inner, rest);
}

function hasPathOrEnd(value: unknown, rest: readonly string[]): boolean {
  return rest.length === 0 || hasPath(value, rest);
}

function isEmptyArray(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

// Extended JSON keeps the types apart that plain comparison would take for equal (a date and its text).
function canonical(document: unknown): unknown {
  return JSON.parse(mongo.BSON.EJSON.stringify(document as object, { relaxed: false }));
}
