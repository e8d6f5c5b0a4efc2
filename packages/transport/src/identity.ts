import { currentActor, InfratraqError, type Actor } from '@infratraq/kernel';

/** No valid token came with the request. */
export class UnauthenticatedError extends InfratraqError {
  constructor(message = 'Send a bearer token in the Authorization header', cause?: unknown) {
    super('unauthenticated', message, { status: 401, ...(cause !== undefined && { cause }) });
  }
}

/** Checks a bearer token and answers whose it is; throws {@link UnauthenticatedError} when it is not valid. */
export type Authenticate = (
  token: string,
) => Promise<Pick<Actor, 'user_id' | 'roles'> & { session_id?: string }>;

/**
 * The current actor.
 * @throws UnauthenticatedError when nobody is authenticated
 */
export function requireActor(): Actor {
  const actor = currentActor();
  if (!actor || actor.roles.length === 0) throw new UnauthenticatedError();
  return actor;
}
