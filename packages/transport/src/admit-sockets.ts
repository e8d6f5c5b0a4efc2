import { InfratraqError } from '@infratraq/kernel';
import { UnauthenticatedError, type Authenticate } from './identity.js';

/** Whose socket it is. */
export type SocketIdentity = Awaited<ReturnType<Authenticate>>;

interface ConnectingSocket {
  readonly handshake: { readonly auth: Record<string, unknown> };
  data: unknown;
}

/** The part of a Socket.IO namespace that admission needs. */
export interface AdmittingNamespace {
  use(middleware: (socket: ConnectingSocket, next: (refusal?: Error) => void) => void): unknown;
}

/**
 * Admits to a Socket.IO namespace whoever connects with `auth: { token }`, a bearer token. Anybody else is told why by
 * `connect_error`, whose `data` is `{ code, message }`; an error that isn't theirs is reported and says nothing of its
 * cause.
 */
export function admitSockets(
  namespace: AdmittingNamespace,
  authenticate: Authenticate,
  onError: (error: unknown) => void,
): void {
  namespace.use((socket, next) => {
    identify(socket, authenticate).then(
      () => next(),
      (error: unknown) => next(refusalOf(error, onError)),
    );
  });
}

/** Whose socket it is, once {@link admitSockets} has admitted it. */
export function socketIdentity({ data }: { readonly data: unknown }): SocketIdentity {
  return (data as { identity: SocketIdentity }).identity;
}

async function identify(socket: ConnectingSocket, authenticate: Authenticate): Promise<void> {
  const { token } = socket.handshake.auth;
  if (typeof token !== 'string' || token === '')
    throw new UnauthenticatedError('Connect with auth: { token }, a bearer token');
  const { user_id, roles, session_id } = await authenticate(token);
  if (roles.length === 0) throw new UnauthenticatedError('This token carries no role');
  const identity: SocketIdentity = { user_id, roles, ...(session_id !== undefined && { session_id }) };
  socket.data = { identity };
}

function refusalOf(error: unknown, onError: (error: unknown) => void): Error {
  const known = error instanceof InfratraqError && error.status !== 500;
  if (!known) onError(error);
  const code = known ? error.code : 'internal';
  const message = known ? error.message : 'Something failed on our side';
  return Object.assign(new Error(message), { data: { code, message } });
}
