import { currentActor, InfratraqError, type Actor } from '@infratraq/kernel';

/** No valid proof of identity came with the request. */
export class UnauthenticatedError extends InfratraqError {
  constructor(message = 'Send a bearer token in the Authorization header', cause?: unknown) {
    super('unauthenticated', message, { status: 401, ...(cause !== undefined && { cause }) });
  }
}

/** A user as the application knows them, with the roles that they have here. */
export type Identity = Pick<Actor, 'user_id' | 'roles' | 'session_id'>;

/** Checks a bearer token and answers whose it is; throws {@link UnauthenticatedError} when it is not valid. */
export type Authenticate = (token: string) => Promise<Identity>;

/**
 * The current actor.
 * @throws UnauthenticatedError when nobody is authenticated
 */
export function requireActor(): Actor {
  const actor = currentActor();
  if (!actor || actor.roles.length === 0) throw new UnauthenticatedError('This needs an authenticated user');
  return actor;
}
