import {
  warnOfError,
  type Category,
  type CollectionStates,
  type DocumentClass,
  type ReportError,
} from '@infratraq/kernel';
import type { Connection } from 'mongoose';

import { bindModels, type Models } from './bind-models.js';
import { ensureIndexes } from './indexes/ensure-indexes.js';
import { IndexBuilder } from './indexes/index-builder.js';
import { adoptConnection, connectMongo } from './connect.js';

/**
 * Where collections are: a URI, which is connected to and closed again; a Mongoose connection of the caller's, which
 * stays open; or models that are bound already, whose indexes are the caller's too.
 */
export type MongoSource =
  | { readonly mongodbUri: string; readonly connection?: undefined; readonly models?: undefined }
  | { readonly connection: Connection; readonly mongodbUri?: undefined; readonly models?: undefined }
  | { readonly models: Models; readonly mongodbUri?: undefined; readonly connection?: undefined };

/** Models that are ready, and how to let go of what was opened for them. */
export interface OpenedModels {
  readonly models: Models;
  /** Closes the connection if this opened it. */
  close(): Promise<void>;
}

export interface OpenModelsOptions {
  readonly states?: CollectionStates;
  /** Signs the cursors of pages, in all processes that answer for each other. Without it, cursors end with the process. */
  readonly cursorSecret?: string | undefined;
  /** Told when an index of a large collection cannot be built in the background. */
  readonly onError?: ReportError;
}

/**
 * Connects where a URI is given, builds missing indexes, and binds the collections' models. Of large collections only
 * unique indexes are waited for; the others are built in the background.
 *
 * @throws InfratraqError `mongo.unreachable`
 * @example
 * const { models, close } = await openModels({ mongodbUri }, audit);
 */
export async function openModels(
  source: MongoSource,
  collections: Category | readonly DocumentClass[],
  { onError = warnOfError, ...options }: OpenModelsOptions = {},
): Promise<OpenedModels> {
  if (source.models) return { models: source.models, close: async () => undefined };
  const classes =
    'collections' in collections
      ? collections.collections.map((definition) => definition.class)
      : collections;
  const { connection, close } = source.connection
    ? { connection: await adoptConnection(source.connection), close: async () => undefined }
    : await connectMongo({ uri: source.mongodbUri });
  try {
    const { pending } = await ensureIndexes(connection, classes);
    const builder = new IndexBuilder({ connection, collections: classes, pending, onError });
    const stopBuilding = builder.start();
    return {
      models: bindModels(connection, classes, options),
      close: async () => {
        stopBuilding();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
