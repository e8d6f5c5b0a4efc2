import { DefinitionError } from '../errors/errors.js';
import type { CollectionPolicy, StoredPolicy } from './policy.js';

/** A class whose instances are documents. */
export type DocumentClass<T = object> = new () => T;

// Registered, so that two copies of this package in one process still read each other's classes.
const policyKey = Symbol.for('infratraq.collection-policy');

/**
 * States a collection's policy on its class; attaches metadata and does nothing else.
 *
 * @example
 * ```ts
 * @Collection<ApiRequestLog>({ name: 'api_request_log', time: 'created_at', retention: between(days(30), days(90)), … })
 * export class ApiRequestLog { … }
 * ```
 */
export function Collection<T extends object = never>(
  policy: CollectionPolicy<NoInfer<T>>,
): (target: DocumentClass<T>) => void {
  return (target) => {
    Object.defineProperty(target, policyKey, { value: Object.freeze(policy), enumerable: false });
  };
}

/**
 * Reads the policy that `@Collection` stated on a class.
 * @throws DefinitionError `definition.policy.missing`
 */
export function policyOf(target: DocumentClass): StoredPolicy {
  if (!Object.hasOwn(target, policyKey))
    throw new DefinitionError(target.name, 'policy.missing', 'State its policy with @Collection');
  return (target as unknown as Record<symbol, StoredPolicy>)[policyKey] as StoredPolicy;
}

/** The stored name that belongs to a class name: `ChatMessage` is `chat_message`. */
export function collectionNameOf(className: string): string {
  return className.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}
