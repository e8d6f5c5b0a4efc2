import type { CollectionStates } from '@infratraq/kernel';
import { openModels, type MongoSource, type OpenedModels } from '@infratraq/mongo';
import { observability } from './category.js';

/**
 * Opens the collections of metrics, job runs, health findings and errors: connects where a URI is given, and builds
 * their indexes. With `states`, reads and writes obey the lifecycle of their collection.
 *
 * @throws InfratraqError `mongo.unreachable`
 * @example
 * const { models, close } = await openObservability({ mongodbUri });
 * const failed = await models.find(listJobsInState, { state: 'failed' });
 */
export function openObservability(
  options: MongoSource & { readonly states?: CollectionStates },
): Promise<OpenedModels> {
  return openModels(options, observability, options);
}
