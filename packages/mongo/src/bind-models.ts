import { randomBytes } from 'node:crypto';
import { InfratraqError, policyOf, type DocumentClass, type ServedQuery } from '@infratraq/kernel';
import type { Connection, Model } from 'mongoose';
import { buildModel, type ModelOptions } from './build-model.js';
import { assertState } from './guard-lifecycle.js';
import { ByteBudget } from './byte-budget.js';
import { createCursors, type Cursors } from './cursor.js';
import { findPage, type Page, type PageRequest } from './find-page.js';
import { createFinder, streamDocuments } from './find-documents.js';
import { resolveShape, type PageContent, type Stored } from './run-query.js';
import { WindowMemory } from './windows/window-memory.js';

/** An update of one document; its values have the types that are stored. */
export interface DocumentUpdate {
  readonly filter: Readonly<Record<string, unknown>>;
  readonly update: Readonly<Record<string, unknown>>;
}

/** The collections of a store, bound to one connection. */
export interface Models {
  readonly connection: Connection;
  readonly collections: readonly DocumentClass[];
  /** @throws InfratraqError `models.unbound` for a class that was not bound */
  of<T extends object>(target: DocumentClass<T>): Model<T>;
  /** All documents that a served query matches, as plain objects, in its order. */
  find<T extends object, Parameters>(
    query: ServedQuery<T, Parameters>,
    parameters: NoInfer<Parameters>,
    options?: {
      limit?: number;
      /** The server stops the query after that time, and the promise rejects with its error. */
      milliseconds?: number | undefined;
      /** What is read of each document besides its `_id` and what it is sorted by; everything if not given. */
      fields?: readonly string[];
      /** What is not read of each document. */
      omit?: readonly (keyof T & string)[];
      /** Reading ends before there are more bytes of documents than this, but not before the first. */
      bytes?: number;
    },
  ): Promise<Stored<T>[]>;
  /** All documents that a served query matches, read one after another, in its order. */
  stream<T extends object, Parameters>(
    query: ServedQuery<T, Parameters>,
    parameters: NoInfer<Parameters>,
  ): AsyncIterable<Stored<T>>;
  /** The first document that a served query matches, as a plain object. */
  findOne<T extends object, Parameters>(
    query: ServedQuery<T, Parameters>,
    parameters: NoInfer<Parameters>,
  ): Promise<Stored<T> | null>;
  /**
   * One page of what a served query matches; `next_cursor` continues it. A page ends early when its documents reach
   * the byte budget of pages.
   * @throws InvalidInputError `cursor.invalid` for a cursor that was altered, or belongs to another query or to other
   * parameters
   */
  page<T extends object, Parameters>(
    query: ServedQuery<T, Parameters>,
    parameters: NoInfer<Parameters>,
    page?: PageRequest,
    content?: PageContent<T>,
  ): Promise<Page<Stored<T>>>;
  /** Signs the cursors of a list that is read elsewhere; its name says what it lists, and for whom. */
  cursorsOf(...list: readonly unknown[]): Cursors;
  /**
   * Applies many updates in one command, in any order, as they are: for values that our own code has made. Casting
   * them costs more than sending them.
   * @throws MongoBulkWriteError when one of them fails; the others are applied
   */
  updateEach<T extends object>(target: DocumentClass<T>, updates: readonly DocumentUpdate[]): Promise<void>;
}

const emptyShape = { filter: {}, sort: {} };

export interface BindOptions extends ModelOptions {
  /**
   * Signs the cursors of pages: 32 bytes or more, the same in all processes that answer for each other. Without it,
   * cursors end with the process.
   */
  readonly cursorSecret?: string | undefined;
  /**
   * The most bytes of documents that one page holds; a first document that is larger is a page by itself.
   * @default 4_194_304
   */
  readonly pageBytes?: number | undefined;
}

/**
 * Compiles the classes of a store to models of one connection; with `states`, every read and write through them
 * obeys the lifecycle of its collection. Queries that take too long are ended by MongoDB.
 *
 * @example
 * const models = bindModels(mongo.connection, audit.collections.map((collection) => collection.class));
 */
export function bindModels(
  connection: Connection,
  collections: Iterable<DocumentClass>,
  {
    cursorSecret: secret = randomBytes(32).toString('base64url'),
    pageBytes: bytes = 4_194_304,
    ...options
  }: BindOptions = {},
): Models {
  const models = new Map<DocumentClass, Model<object>>();
  for (const target of collections) models.set(target, buildModel(connection, target, options));
  const of = <T extends object>(target: DocumentClass<T>): Model<T> => {
    const model = models.get(target);
    if (!model)
      throw new InfratraqError(
        'models.unbound',
        `${target.name} is not bound; list it where models are bound`,
      );
    return model as unknown as Model<T>;
  };
  const memory = new WindowMemory();
  const finderOf = <T extends object>(target: DocumentClass<T>) => createFinder(of(target), target, memory);
  return Object.freeze({
    connection,
    collections: Object.freeze([...models.keys()]),
    of,
    find: async (query, parameters, { omit, bytes: most, ...options } = {}) => {
      const budget = most === undefined ? undefined : new ByteBudget(most);
      const found = await finderOf(query.collection)(resolveShape(query, parameters), {
        ...options,
        budget,
        ...(omit && { content: { omit: omit as readonly never[] } }),
      });
      if (budget?.isSpent) found.pop();
      return found;
    },
    stream: (query, parameters) =>
      streamDocuments(of(query.collection), query.collection, resolveShape(query, parameters)),
    findOne: async (query, parameters) =>
      (await finderOf(query.collection)(resolveShape(query, parameters), { limit: 1 }))[0] ?? null,
    page: async (query, parameters, page = {}, content = undefined) =>
      findPage(finderOf(query.collection), query, parameters, page, { secret, bytes, content }),
    cursorsOf: (...list) => createCursors(secret, list, emptyShape),
    async updateEach(target, updates) {
      if (options.states) assertState(policyOf(target).name, 'write', options.states);
      if (updates.length === 0) return;
      const operations = updates.map((one) => ({ updateOne: one })) as never[];
      await of(target).collection.bulkWrite(operations, { ordered: false });
    },
  } satisfies Models);
}
