import type { Category, CollectionDefinition } from './category.js';
import type { DocumentClass } from './collection.js';
import { collectionRules } from './collection-rules.js';
import { DefinitionError, NotFoundError } from '../errors/errors.js';

/** The document store as a value: validated, frozen, without connections. */
export interface Store {
  readonly categories: readonly Category[];
  readonly collections: readonly CollectionDefinition[];
  /** @throws NotFoundError `collection.unknown` */
  readonly collection: (name: string) => CollectionDefinition;
  /** @throws NotFoundError `collection.unknown` */
  readonly definitionOf: (target: DocumentClass) => CollectionDefinition;
}

/**
 * Builds the store and rejects what the compiler could not: the error names the class and the rule.
 * @throws DefinitionError `definition.<rule>`
 */
export function defineStore(categories: readonly Category[]): Store {
  const collections = categories.flatMap((category) => category.collections);
  rejectRepeated('category.unique', categories, (category) => category.name);
  rejectRepeated('name.unique', collections, (collection) => collection.name);
  for (const definition of collections)
    for (const [rule, findFault] of Object.entries(collectionRules)) {
      const fault = findFault(definition);
      if (fault) throw new DefinitionError(definition.class.name, rule, fault);
    }
  const byName = new Map(collections.map((definition) => [definition.name, definition]));
  const byClass = new Map(collections.map((definition) => [definition.class, definition]));
  return Object.freeze({
    categories: Object.freeze([...categories]),
    collections: Object.freeze(collections),
    collection: (name: string) => found(byName.get(name), name),
    definitionOf: (target: DocumentClass) => found(byClass.get(target), target.name),
  });
}

function found(definition: CollectionDefinition | undefined, name: string): CollectionDefinition {
  if (!definition) throw new NotFoundError(`The store has no collection ${name}`, 'collection.unknown');
  return definition;
}

function rejectRepeated<Item>(rule: string, items: readonly Item[], nameOf: (item: Item) => string): void {
  const seen = new Set<string>();
  for (const name of items.map(nameOf)) {
    if (seen.has(name)) throw new DefinitionError(name, rule, 'This name is declared twice');
    seen.add(name);
  }
}
