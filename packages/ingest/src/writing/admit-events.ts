import { InfratraqError, lifecycle, type CollectionStates } from '@infratraq/kernel';

/** Whether a collection takes events now, will later, or never will again, and then why. */
export function admitEvents(
  collection: string,
  states: CollectionStates | undefined,
): 'now' | 'later' | Error {
  const state = states?.stateOf(collection) ?? 'active';
  if (lifecycle[state].allows.includes('write')) return 'now';
  if (state === 'maintenance') return 'later';
  return new InfratraqError(`collection.${state}`, `${collection} is ${state} and takes no more events`, {
    status: 409,
  });
}
