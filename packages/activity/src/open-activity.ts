import type { CollectionStates } from '@infratraq/kernel';
import { openModels, type MongoSource, type OpenedModels } from '@infratraq/mongo';
import { activity } from './category.js';

/**
 * Opens the collections of user activity: connects where a URI is given, and builds their indexes. With `states`, reads and writes obey the lifecycle of their collection.
 *
 * @throws InfratraqError `mongo.unreachable`
 * @example
 * const { models, close } = await openActivity({ mongodbUri });
 * const searches = await models.find(listSearchesOfUser, { user_id: 'u-7' });
 */
export function openActivity(
  options: MongoSource & { readonly states?: CollectionStates },
): Promise<OpenedModels> {
  return openModels(options, activity, options);
}
