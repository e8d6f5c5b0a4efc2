import type { CollectionStates } from '@infratraq/kernel';
import { openModels, type MongoSource, type OpenedModels } from '@infratraq/mongo';
import { ai } from './category.js';

/**
 * Opens the collections of machine learning and of the assistant: connects where a URI is given, and builds their
 * indexes. With `states`, reads and writes obey the lifecycle of their collection.
 *
 * @throws InfratraqError `mongo.unreachable`
 * @example
 * const { models, close } = await openAi({ mongodbUri });
 * const versions = await models.find(listModelVersionsInStage, { model: 'delay_risk', stage: 'production' });
 */
export function openAi(options: MongoSource & { readonly states?: CollectionStates }): Promise<OpenedModels> {
  return openModels(options, ai, options);
}
