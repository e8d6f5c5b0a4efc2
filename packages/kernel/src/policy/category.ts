import { collectionNameOf, policyOf, type DocumentClass } from './collection.js';
import { DefinitionError } from '../errors/errors.js';
import type { StoredPolicy } from './policy.js';

/** One collection of the store: its class and what was stated about it. */
export interface CollectionDefinition {
  readonly name: string;
  readonly category: string;
  readonly class: DocumentClass;
  readonly policy: StoredPolicy;
}

/** A category of the store with its collections. */
export interface Category {
  readonly name: string;
  readonly collections: readonly CollectionDefinition[];
}

/**
 * Lists the classes of a category; `collections` is the namespace of the category's `collections.ts`,
 * so a new collection is one line there.
 *
 * @throws DefinitionError when a class has no policy or its names do not agree
 * @example defineCategory({ name: 'audit', collections })
 */
export function defineCategory(declaration: {
  name: string;
  collections: Readonly<Record<string, DocumentClass>>;
}): Category {
  const { name } = declaration;
  const collections = Object.values(declaration.collections).map((documentClass) => {
    const policy = policyOf(documentClass);
    if (policy.name !== collectionNameOf(documentClass.name))
      throw new DefinitionError(
        documentClass.name,
        'name.agrees',
        `Its collection must be named ${collectionNameOf(documentClass.name)}, not ${policy.name}`,
      );
    return Object.freeze({ name: policy.name, category: name, class: documentClass, policy });
  });
  return Object.freeze({ name, collections: Object.freeze(collections) });
}
