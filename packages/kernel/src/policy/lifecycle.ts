import { ConflictError, InfratraqError } from '../errors/errors.js';

/** The states a collection can be in; the table below is the specification's. */
export const lifecycleStates = ['active', 'ttl_expiring', 'archived', 'maintenance', 'deleted'] as const;
/** A state that a collection can be in. */
export type LifecycleState = (typeof lifecycleStates)[number];

/** What somebody wants to do with the documents of a collection. */
export type Access = 'read' | 'write' | 'administer';

export interface LifecycleRow {
  readonly description: string;
  readonly allows: readonly Access[];
  readonly next: readonly LifecycleState[];
}

/**
 * The lifecycle table of the specification, with the two transitions it leaves open:
 * an operator takes an active collection into maintenance, and `ttl_expiring` is computed
 * whenever documents that are not yet archived come within the archive horizon.
 */
export const lifecycle: Readonly<Record<LifecycleState, LifecycleRow>> = {
  active: {
    description: 'Collection is in production use',
    allows: ['read', 'write', 'administer'],
    next: ['archived', 'maintenance', 'ttl_expiring'],
  },
  ttl_expiring: {
    description: 'Documents are approaching their TTL boundary',
    allows: ['read', 'write', 'administer'],
    next: ['active', 'archived'],
  },
  archived: {
    description: 'Collection data has moved to cold storage',
    allows: ['read'],
    next: ['deleted'],
  },
  maintenance: {
    description: 'Collection is under reindex or migration',
    allows: ['administer'],
    next: ['active'],
  },
  deleted: { description: 'Collection data is gone', allows: [], next: [] },
};

/** Only the store itself moves a collection into this state. */
export const computedState: LifecycleState = 'ttl_expiring';

/**
 * Accepts a transition that an operator may make, refuses every other.
 * @throws ConflictError `lifecycle.transition`
 */
export function assertTransition(collection: string, from: LifecycleState, to: LifecycleState): void {
  const operable = lifecycle[from].next.filter((state) => state !== computedState);
  if (operable.includes(to)) return;
  const choices =
    operable.length > 0 ? `from there it can go to ${operable.join(' or ')}` : 'that state is final';
  throw new ConflictError(
    `${collection} is ${from} and cannot become ${to}; ${choices}`,
    'lifecycle.transition',
  );
}

/** A collection's state does not allow what was asked. */
export class CollectionStateError extends InfratraqError {
  constructor(
    readonly collection: string,
    readonly state: LifecycleState,
    access: Access,
  ) {
    super(
      `collection.${state.replace('_', '-')}`,
      `${collection} is ${state} and takes no ${access}; ${lifecycle[state].description.toLowerCase()}`,
      { status: state === 'maintenance' ? 503 : 409 },
    );
  }
}

/**
 * Refuses an access that the state of a collection does not allow.
 * @throws CollectionStateError
 */
export function assertAccess(collection: string, state: LifecycleState, access: Access): void {
  if (!lifecycle[state].allows.includes(access)) throw new CollectionStateError(collection, state, access);
}
