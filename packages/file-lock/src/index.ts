export { takeLock, type LockAttempt, type TakenLock } from './take-lock.js';
export type { LockOwner } from './lock-owner.js';
