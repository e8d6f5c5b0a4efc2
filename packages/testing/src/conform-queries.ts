import { beforeAll, describe, expect, it } from '@jest/globals';
import { isServedQuery, type ServedQuery, type StoredIndex } from '@infratraq/kernel';
import { explainQuery, resolveShape } from '@infratraq/mongo';
import { isTextIndex } from './conform-indexes.js';
import { modelOf, type AnyDocument, type ConformanceSubject } from './conformance-subject.js';
import { setPath, valueAt, varyPaths } from './vary-document.js';

const otherDocuments = 300;
const matchingDocuments = 20;

/**
 * Each index serves an exported query of its package, and the server answers that query by this very index.
 * DocumentDB is held to less: an index with the same first key, and the names of the tests say so.
 */
export function conformQueries(subject: ConformanceSubject): void {
  const { indexes } = subject.definition.policy;
  if (indexes.length === 0) return;
  describe('served queries', () => {
    beforeAll(() => fillCollection(subject));

    for (const index of indexes) {
      const keys = Object.keys(index.key).join(', ');
      if (isTextIndex(index))
        it(`${index.serves} searches the text of ${keys}, or that is reported unsupported on this engine`, () =>
          conformTextQuery(subject, index));
      else
        it(`${index.serves} uses the index on ${keys}${describeAllowance(index)}`, () =>
          conformQuery(subject, index));
    }
  });
}

// Tests are named before the engine is known.
function describeAllowance({ key }: StoredIndex): string {
  const [first = '', ...more] = Object.keys(key);
  return more.length > 0
    ? `, in its order (where an engine reads no order from indexes: any that begins with ${first})`
    : '';
}

async function conformQuery(subject: ConformanceSubject, index: StoredIndex): Promise<void> {
  const query = queryOf(subject, index);
  const { capabilities } = subject.database.mongo;
  const plan = await explainQuery(modelOf(subject), query, query.example, { limit: 50 });
  if (index.partial && !capabilities.partialIndexes) {
    expect(capabilities.off).toContainEqual(expect.stringContaining('partial index'));
    return;
  }
  if (!capabilities.indexOrder && !capabilities.partialIndexes && plan.stages.includes('COLLSCAN')) {
    // A planner that knows neither cannot be held to more than one condition on an index; it is said, not hidden.
    process.stdout.write(
      `not on ${capabilities.engine} ${capabilities.version}: ${index.serves} by an index\n`,
    );
    return;
  }
  expect(plan.stages).not.toContain('COLLSCAN');
  expect(new Set(plan.indexes).size).toBe(1);
  if (!capabilities.indexOrder) {
    // Such an engine chooses by the filter alone and sorts afterwards: indexes that begin alike are the same to it.
    const [first = ''] = Object.keys(index.key);
    expect(plan.indexes[0]).toMatch(new RegExp(`^${first.replaceAll('.', '\\.')}_`));
    return;
  }
  expect(plan.indexes).toContain(nameOf(index));
  expect(plan.stages).not.toContain('SORT');
}

async function conformTextQuery(subject: ConformanceSubject, index: StoredIndex): Promise<void> {
  const query = queryOf(subject, index);
  const { capabilities } = subject.database.mongo;
  if (!capabilities.text) {
    expect(capabilities.off).toContainEqual(expect.stringContaining('text'));
    await expect(modelOf(subject).collection.createIndex({ ...index.key } as never)).rejects.toThrow();
    return;
  }
  const plan = await explainQuery(modelOf(subject), query, query.example, { limit: 50 });
  if (capabilities.engine === 'mongodb')
    expect(plan.stages.some((stage) => stage.startsWith('TEXT'))).toBe(true);
  expect(plan.stages).not.toContain('COLLSCAN');
  await subject.database.models.find(query, query.example, { limit: 5 });
}

function queryOf(
  { namespace, definition }: ConformanceSubject,
  index: StoredIndex,
): ServedQuery<AnyDocument, unknown> {
  const query = namespace[index.serves];
  if (!isServedQuery(query))
    throw new Error(`${definition.class.name} names ${index.serves}, which its package exports no query by`);
  expect(query.collection).toBe(definition.class);
  return query as unknown as ServedQuery<AnyDocument, unknown>;
}

function nameOf(index: StoredIndex): string {
  return Object.entries(index.key)
    .map(([path, direction]) => `${path}_${direction}`)
    .join('_');
}

// The planner tries candidate indexes on real documents, so there must be some that match and many that don't.
async function fillCollection(subject: ConformanceSubject): Promise<void> {
  const { indexes } = subject.definition.policy;
  const paths = indexes.filter((index) => !isTextIndex(index)).flatMap((index) => Object.keys(index.key));
  const documents = Array.from({ length: otherDocuments }, (_, step) => varied(subject, paths, step + 1));
  for (const index of indexes.filter((index) => !isTextIndex(index))) {
    const query = queryOf(subject, index);
    const { filter } = resolveShape(query, query.example);
    for (let step = 1; step <= matchingDocuments; step += 1)
      documents.push(meetFilter(varied(subject, paths, otherDocuments + step), filter, step));
  }
  const { collection } = modelOf(subject);
  await collection.deleteMany({});
  const seen = new Set<string>();
  const distinct = documents.filter((document) => isNew(document, indexes, seen));
  await collection.insertMany(distinct as never[]);
}

function varied(subject: ConformanceSubject, paths: readonly string[], step: number): AnyDocument {
  const document = varyPaths(subject.example(), paths, step);
  delete document['_id'];
  return document;
}

function meetFilter(
  document: AnyDocument,
  filter: Readonly<Record<string, unknown>>,
  step: number,
): AnyDocument {
  for (const [path, condition] of Object.entries(filter)) {
    const wanted = valueThatMeets(condition, step);
    if (!path.startsWith('$') && wanted !== undefined) setPath(document, path, wanted);
  }
  return document;
}

function valueThatMeets(condition: unknown, step: number): unknown {
  if (typeof condition !== 'object' || condition === null) return condition;
  if (condition instanceof Date || condition instanceof RegExp || '_bsontype' in condition)
    return condition instanceof RegExp ? undefined : condition;
  const { $eq, $in, $gte, $gt, $lt, $lte } = condition as Record<string, unknown>;
  if ($eq !== undefined) return $eq;
  if (Array.isArray($in)) return $in[step % $in.length];
  const [bound, sign] = $gte !== undefined || $gt !== undefined ? [$gte ?? $gt, 1] : [$lte ?? $lt, -1];
  if (bound instanceof Date) return new Date(bound.getTime() + sign * step * 1_000);
  return typeof bound === 'number' ? bound + sign * step : undefined;
}

function isNew(document: AnyDocument, indexes: readonly StoredIndex[], seen: Set<string>): boolean {
  const keys = indexes
    .filter(({ unique }) => unique)
    .map(({ key }) => JSON.stringify(Object.keys(key).map((path) => [path, valueAt(document, path)])));
  if (keys.some((key) => seen.has(key))) return false;
  for (const key of keys) seen.add(key);
  return true;
}
