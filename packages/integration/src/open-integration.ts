import type { CollectionStates } from '@infratraq/kernel';
import { openModels, type MongoSource, type OpenedModels } from '@infratraq/mongo';
import { integration } from './category.js';
import { DeadLetters } from './dead-letters/dead-letters.js';

/**
 * Opens the collections of requests, webhooks, synchronisations and dead letters: connects where a URI is given, and
 * builds their indexes. With `states`, reads and writes obey the lifecycle of their collection.
 *
 * @throws InfratraqError `mongo.unreachable`
 * @example
 * const { deadLetters, close } = await openIntegration({ mongodbUri });
 * const { items } = await deadLetters.list({ state: 'open' });
 */
export async function openIntegration(
  options: MongoSource & { readonly states?: CollectionStates },
): Promise<OpenedModels & { readonly deadLetters: DeadLetters }> {
  const { models, close } = await openModels(options, integration, options);
  return { models, deadLetters: new DeadLetters(models), close };
}
