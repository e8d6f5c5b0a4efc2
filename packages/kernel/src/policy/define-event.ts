import { policyOf, type DocumentClass } from './collection.js';
import { decide, traitsOf } from './decide.js';
import type { DeclaredTrait } from './traits.js';
import { DefinitionError } from '../errors/errors.js';
import type { Durability } from './policy.js';

/** Checks what is emitted; a zod schema is one. */
export interface EventSchema<Data> {
  /** Answers the data as it is to be kept, or throws what is wrong. */
  parse(input: unknown): Data;
}

/** An event that becomes a document. */
export interface CollectionTarget<Data> {
  readonly store: 'mongodb';
  readonly collection: DocumentClass;
  readonly toDocument: (data: Data) => object;
}

/** A row for PostgreSQL: values by column; dates become timestamps, objects become JSON. */
export type EventRow = Readonly<Record<string, unknown>>;

/** An event that becomes a row of a table. */
export interface TableTarget<Data> {
  readonly store: 'postgresql';
  /** The table, with its schema unless that is on the search path: `audit.approvals`. */
  readonly table: string;
  /** The unique column that tells a row written again from a new one; `id` by default. */
  readonly idColumn: string;
  readonly durability: Durability;
  readonly toRow: (data: Data) => EventRow;
}

export type EventTarget<Data> = CollectionTarget<Data> | TableTarget<Data>;

/** An application event: its name, what it carries, and where it goes. */
export interface EventDefinition<Name extends string = string, Data = unknown> {
  readonly name: Name;
  readonly schema: EventSchema<Data>;
  /** What can be said about the data, besides what the target's policy says. */
  readonly traits: readonly DeclaredTrait[];
  readonly target: EventTarget<Data>;
}

/** What an event carries. */
export type EventData<Definition> = Definition extends EventDefinition<string, infer Data> ? Data : never;

interface EventDeclaration<Data> {
  readonly schema: EventSchema<Data>;
  /** What can be said about the data, besides what the target's policy says. */
  readonly traits?: readonly DeclaredTrait[];
}

interface IntoCollection<Data, T> extends EventDeclaration<Data> {
  readonly collection: DocumentClass<T>;
  /** The document that the data becomes; time and actor are stamped by the writer. */
  readonly toDocument: (data: Data) => Partial<NoInfer<T>>;
}

interface IntoTable<Data> extends EventDeclaration<Data> {
  /** The table, with its schema unless that is on the search path: `audit.approvals`. */
  readonly table: string;
  /** The row that the data becomes; its id is made when the event is emitted unless it is given here. */
  readonly toRow: (data: Data) => EventRow;
  /** `id` when left out. */
  readonly idColumn?: string;
  /** `journal-first` when left out: what belongs in PostgreSQL is not to be lost. */
  readonly durability?: Durability;
}

/**
 * Declares an application event once: name, schema, and the collection or table that it goes to.
 *
 * @example
 * ```ts
 * const reportViewed = defineEvent('report.viewed', {
 *   schema: z.object({ user_id: z.string(), report_id: z.string() }),
 *   collection: UserActivityEvent,
 *   toDocument: ({ user_id, report_id }) => ({
 *     user_id, event_type: 'report:viewed', entity_type: 'report', entity_id: report_id,
 *   }),
 * });
 * ```
 */
export function defineEvent<const Name extends string, Data, T extends object = never>(
  name: Name,
  declaration: IntoCollection<Data, T> | IntoTable<Data>,
): EventDefinition<Name, Data> {
  const { schema, traits = [] } = declaration;
  const target = Object.freeze(describeTarget(declaration));
  return Object.freeze({ name, schema, traits: Object.freeze([...traits]), target });
}

function describeTarget<Data, T extends object>(
  declaration: IntoCollection<Data, T> | IntoTable<Data>,
): EventTarget<Data> {
  if ('collection' in declaration) {
    const { collection, toDocument } = declaration;
    return { store: 'mongodb', collection, toDocument };
  }
  const { table, toRow, idColumn = 'id', durability = 'journal-first' } = declaration;
  return { store: 'postgresql', table, idColumn, durability, toRow };
}

/**
 * Holds an event's target against the decision framework.
 * @throws DefinitionError `definition.event.store` or `definition.event.anti-pattern`
 */
export function assertEventTarget({
  name,
  traits,
  target,
}: Pick<EventDefinition<string, never>, 'name' | 'traits' | 'target'>): void {
  const isDocument = target.store === 'mongodb';
  const decision = decide([...traits, ...(isDocument ? traitsOf(policyOf(target.collection)) : [])]);
  const [violation] = isDocument ? decision.violations : [];
  if (violation) throw new DefinitionError(name, 'event.anti-pattern', violation.rule);
  if (decision.store === target.store) return;
  const [goes, belongs] = isDocument ? ['a collection', 'PostgreSQL'] : ['a table', 'MongoDB'];
  throw new DefinitionError(
    name,
    'event.store',
    `It goes to ${goes} but belongs in ${belongs}, because ${decision.reasons.join(', ')}`,
  );
}
