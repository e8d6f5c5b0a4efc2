import type { CollectionStates } from '@infratraq/kernel';
import { openModels, type MongoSource, type OpenedModels } from '@infratraq/mongo';
import { integration } from './category.js';

/**
 * Opens the collections of requests, webhooks, synchronisations and dead letters: connects where a URI is given, and
 * builds their indexes. With `states`, reads and writes obey the lifecycle of their collection.
 *
 * @throws InfratraqError `mongo.unreachable`
 * @example
 * const { models, close } = await openIntegration({ mongodbUri });
 * const letters = await models.find(listDeadLetters, { state: 'open' });
 */
export function openIntegration(
  options: MongoSource & { readonly states?: CollectionStates },
): Promise<OpenedModels> {
  return openModels(options, integration, options);
}
