import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** Roles that a bearer token can carry. */
export const roles = ['member', 'operator', 'auditor', 'admin'] as const;
/** A role that a bearer token can carry. */
export type Role = (typeof roles)[number];

/**
 * Who does something, and what it follows from.
 *
 * Field names are the stored ones: the actor travels as it is into transactions and documents.
 */
export interface Actor {
  readonly user_id: string;
  readonly roles: readonly Role[];
  readonly ip_address?: string;
  readonly session_id?: string;
  /** One id for everything that follows from one request: its transaction, changes, jobs, notifications, errors. */
  readonly cause_id: string;
  /** Why, in the actor's words; auditors read it. */
  readonly reason?: string;
}

const storage = new AsyncLocalStorage<Actor>();

/** Makes a fresh cause id (a random UUID). */
export function newCauseId(): string {
  return randomUUID();
}

/**
 * Runs `work` with `actor` as the current actor, through every await below it.
 * A missing `cause_id` is taken from the enclosing actor, else made.
 */
export function runAsActor<Result>(
  actor: Omit<Actor, 'cause_id'> & { cause_id?: string },
  work: () => Result,
): Result {
  const cause_id = actor.cause_id ?? storage.getStore()?.cause_id ?? newCauseId();
  return storage.run({ ...actor, cause_id }, work);
}

/** The actor of the code that is running, or undefined outside any request or job. */
export function currentActor(): Actor | undefined {
  return storage.getStore();
}
