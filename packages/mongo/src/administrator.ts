import { AsyncLocalStorage } from 'node:async_hooks';

const administering = new AsyncLocalStorage<true>();

/** Runs `work` as an admin operation: collections in maintenance let its reads and writes through. */
export function asAdministrator<Result>(work: () => Result): Result {
  return administering.run(true, work);
}

/** Tells whether the running code is an admin operation. */
export function isAdministrator(): boolean {
  return administering.getStore() === true;
}
