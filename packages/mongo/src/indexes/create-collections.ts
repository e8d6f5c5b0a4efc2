import { policyOf, type DocumentClass } from '@infratraq/kernel';
import type { mongo } from 'mongoose';
import { isServerError } from './plan-indexes.js';

/** Creates the declared collections that are not there. */
export async function createCollections(
  database: mongo.Db,
  targets: readonly DocumentClass[],
): Promise<void> {
  const present = new Set(
    (await database.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name),
  );
  for (const name of targets.map((target) => policyOf(target).name)) {
    if (present.has(name)) continue;
    try {
      await database.createCollection(name);
    } catch (error) {
      if (!isServerError(error, 'NamespaceExists', 48)) throw error;
    }
  }
}
