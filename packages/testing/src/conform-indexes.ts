import { expect, it } from '@jest/globals';
import { deriveIndexes, type IndexSpecification } from '@infratraq/kernel';
import { applyIndexes, detectDrift } from '@infratraq/mongo';
import { modelOf, type AnyDocument, type ConformanceSubject } from './conformance-subject.js';
import { setPath, valueAt, varyPaths } from './vary-document.js';

/** Indexes are in the database as they are declared, and unique ones refuse doubles. */
export function conformIndexes(subject: ConformanceSubject): void {
  const { definition, database } = subject;
  const indexes = deriveIndexes(definition);

  it('has its indexes as declared, and applying them again does nothing', async () => {
    const targets = [definition.class];
    const texts = indexes.filter(isTextIndex).map((index) => index.name);
    const again = await applyIndexes(database.connection, targets);
    expect(again.actions).toEqual([]);
    const reported = again.unsupported.map(({ index }) => index.name);
    expect(reported).toEqual(expect.arrayContaining(database.mongo.capabilities.text ? [] : texts));
    const allowed = indexes.filter((index) => isTextIndex(index) || index.serves === 'sharding');
    expect(allowed.map((index) => index.name)).toEqual(expect.arrayContaining(reported));
    expect((await detectDrift(database.connection, targets)).actions).toEqual([]);
    const live = await modelOf(subject).collection.indexes();
    const expected = indexes.map((index) => index.name).filter((name) => !reported.includes(name));
    expect(live.map(({ name }) => name).sort()).toEqual(['_id_', ...expected].sort());
  });

  for (const index of indexes.filter(({ unique }) => unique))
    it(`refuses a double of ${Object.keys(index.key).join(', ')}`, async () => {
      const { collection } = modelOf(subject);
      await collection.deleteMany({});
      const first = meetPartial(subject.example(), index);
      const double = varyPaths(meetPartial(subject.example(), index), otherUniquePaths(indexes, index), 1);
      delete first['_id'];
      delete double['_id'];
      for (const path of Object.keys(index.key))
        if (path === '_id') throw new Error('_id is unique by itself; declare no index on it');
        else expect(valueAt(double, path)).toEqual(valueAt(first, path));
      await collection.insertOne(withId(first, 1));
      await expect(collection.insertOne(withId(double, 2))).rejects.toMatchObject({ code: 11_000 });
      await collection.deleteMany({});
    });
}

/** Tells whether an index is a text index. */
export function isTextIndex({ key }: Pick<IndexSpecification, 'key'>): boolean {
  return Object.values(key).includes('text');
}

function withId(document: AnyDocument, place: number): AnyDocument & { _id: never } {
  return { ...document, _id: `double-${place}` as never };
}

function meetPartial(
  document: AnyDocument,
  { partialFilterExpression = {} }: IndexSpecification,
): AnyDocument {
  for (const [path, condition] of Object.entries(partialFilterExpression))
    if (typeof condition !== 'object' || condition === null) setPath(document, path, condition);
  return document;
}

function otherUniquePaths(indexes: readonly IndexSpecification[], own: IndexSpecification): string[] {
  return indexes
    .filter((index) => index.unique && index !== own)
    .flatMap((index) => Object.keys(index.key))
    .filter((path) => !Object.hasOwn(own.key, path));
}
