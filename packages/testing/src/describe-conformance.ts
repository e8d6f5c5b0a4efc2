import { readdirSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { collectionNameOf, defineStore, deriveIndexes, type Category } from '@infratraq/kernel';
import { buildCollectionSchema, planIndexes } from '@infratraq/mongo';
import { conformDocuments } from './conform-documents.js';
import { conformIndexes, isTextIndex } from './conform-indexes.js';
import { conformQueries } from './conform-queries.js';
import { conformRetention } from './conform-retention.js';
import { conformValidation } from './conform-validation.js';
import type { AnyDocument, ConformanceSubject } from './conformance-subject.js';
import { makeExample } from './make-example.js';
import { useModels } from './use-models.js';

/**
 * Example documents by class name, each with every field that its class has; a class without one gets an example
 * made from its schema.
 */
export type ExampleDocuments = Readonly<Record<string, () => object>>;

/**
 * The suite that every collection of a category passes: names agree, indexes are as declared and serve the queries
 * that they name, retention and archive gate are in place, every field survives the round trip, bad input is refused.
 *
 * Features that the engine lacks must be reported as such; the suite lists them when it ends. Each class stands in a
 * file of its name in the folder `collections` beside the test. See {@link useModels} for the database.
 *
 * @param namespace the exports of the modules that hold the classes and the queries which their indexes serve
 * @example describeConformance(audit.audit, audit, { documents: exampleDocuments });
 */
export function describeConformance(
  category: Category,
  namespace: Readonly<Record<string, unknown>>,
  { documents = {} }: { readonly documents?: ExampleDocuments } = {},
): void {
  describe(`category ${category.name}`, () => {
    const database = useModels(...category.collections.map((definition) => definition.class));

    it('keeps the rules of a store', () => {
      defineStore([category]);
    });

    for (const definition of category.collections)
      describe(definition.name, () => {
        const make = documents[definition.class.name];
        const subject: ConformanceSubject = {
          definition,
          namespace,
          database,
          example: () => (make?.() ?? makeExample(buildCollectionSchema(definition.class))) as AnyDocument,
        };
        conformNames(subject);
        conformIndexes(subject);
        conformQueries(subject);
        conformRetention(subject);
        conformDocuments(subject);
        conformValidation(subject);
      });

    it('reports what this engine lacks, and lists it', async () => {
      const targets = category.collections.map((definition) => definition.class);
      const { unsupported } = await planIndexes(database.connection, targets);
      const { engine, version, text, off } = database.mongo.capabilities;
      const derived = category.collections.flatMap(deriveIndexes);
      const texts = derived.filter(isTextIndex).map(({ name }) => name);
      const reported = unsupported.map(({ index }) => index);
      expect(reported.filter(isTextIndex).map(({ name }) => name)).toEqual(text ? [] : texts);
      // Engines without shards need no hashed indexes.
      const others = reported.filter((index) => !isTextIndex(index));
      expect(others.filter(({ serves }) => serves !== 'sharding')).toEqual([]);
      for (const { collection, index, reason } of unsupported)
        process.stdout.write(`not on ${engine} ${version}: ${collection}.${index.name} (${reason})\n`);
      for (const lack of off) process.stdout.write(`${lack}\n`);
    });
  });
}

function conformNames({ definition, namespace }: ConformanceSubject): void {
  it('is one class in one file, and their names agree', () => {
    const { name, class: target } = definition;
    expect(collectionNameOf(target.name)).toBe(name);
    const folder = join(dirname(expect.getState().testPath ?? ''), 'collections');
    const files = readdirSync(folder).map((file) => parse(file).name);
    expect(files).toContain(name.replaceAll('_', '-'));
    expect(namespace[target.name]).toBe(target);
  });
}
