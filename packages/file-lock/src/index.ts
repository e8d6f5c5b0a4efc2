export { takeLock } from './take-lock.js';
export type { LockOwner } from './lock-owner.js';
