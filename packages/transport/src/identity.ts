import { currentActor, InfratraqError, type Actor } from '@infratraq/kernel';

/** No valid proof of identity came with the request. */
export class UnauthenticatedError extends InfratraqError {
  constructor(message = 'Send a bearer token in the Authorization header', cause?: unknown) {
    super('unauthenticated', message, { status: 401, ...(cause !== undefined && { cause }) });
  }
}

/** A user as the application knows them, with the roles that they have here. */
export type Identity = Pick<Actor, 'user_id' | 'roles' | 'session_id'>;

/** An identity that may end: its token runs out, or its user is suspended. */
export interface Admission extends Identity {
  /** Calls a listener once the identity has ended, at once where it has already. Returns how to stop listening. */
  readonly onEnd?: (listener: () => void) => () => void;
}

/**
 * Checks a bearer token that came from an IP address and answers whose it is; throws {@link UnauthenticatedError} when
 * it is not valid.
 */
export type Authenticate = (token: string, ipAddress?: string) => Promise<Admission>;

/**
 * The current actor.
 * @throws UnauthenticatedError when nobody is authenticated
 */
export function requireActor(): Actor {
  const actor = currentActor();
  if (!actor || actor.roles.length === 0) throw new UnauthenticatedError('This needs an authenticated user');
  return actor;
}
