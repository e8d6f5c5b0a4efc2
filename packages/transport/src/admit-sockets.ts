import { InfratraqError, type ReportError } from '@infratraq/kernel';
import { UnauthenticatedError, type Admission, type Authenticate, type Identity } from './identity.js';
import { recognizeFault } from './recognize-fault.js';

/** The user of a socket. */
export type SocketIdentity = Identity;

interface ConnectingSocket {
  readonly handshake: { readonly auth: Record<string, unknown>; readonly address: string };
  data: unknown;
  once(event: 'disconnect', listener: () => void): unknown;
  disconnect(close: true): unknown;
}

/** The part of a Socket.IO namespace that admission needs. */
export interface AdmittingNamespace {
  use(middleware: (socket: ConnectingSocket, next: (refusal?: Error) => void) => void): unknown;
  on(event: 'connection', listener: (socket: ConnectingSocket) => void): unknown;
}

/**
 * Admits a socket to a Socket.IO namespace by the bearer token in its `auth: { token }`. Another client gets
 * `connect_error`, whose `data` is `{ code, message, retry_after_ms? }`. A socket is disconnected once its identity ends.
 * An error of the server's own goes to `onError`; the client learns nothing of its cause.
 */
export function admitSockets(
  namespace: AdmittingNamespace,
  authenticate: Authenticate,
  onError: ReportError,
): void {
  const endings = new WeakMap<object, Admission['onEnd']>();
  namespace.use((socket, next) => {
    identify(socket, authenticate).then(
      (onEnd) => {
        endings.set(socket, onEnd);
        next();
      },
      (error: unknown) => next(refusalOf(error, onError)),
    );
  });
  namespace.on('connection', (socket) => {
    // With its connection, so that all namespaces that the client shares it with end too.
    const stop = endings.get(socket)?.(() => socket.disconnect(true));
    if (stop) socket.once('disconnect', stop);
  });
}

/** The user of a socket that {@link admitSockets} has admitted. */
export function socketIdentity({ data }: { readonly data: unknown }): SocketIdentity {
  return (data as { identity: SocketIdentity }).identity;
}

async function identify(socket: ConnectingSocket, authenticate: Authenticate): Promise<Admission['onEnd']> {
  const { token } = socket.handshake.auth;
  if (typeof token !== 'string' || token === '')
    throw new UnauthenticatedError('Connect with auth: { token }, a bearer token');
  const { user_id, roles, session_id, onEnd } = await authenticate(token, socket.handshake.address);
  if (roles.length === 0) throw new UnauthenticatedError('This token carries no role');
  const identity: SocketIdentity = { user_id, roles, ...(session_id !== undefined && { session_id }) };
  socket.data = { identity };
  return onEnd;
}

function refusalOf(given: unknown, onError: ReportError): Error {
  const error = recognizeFault(given) ?? given;
  const known = error instanceof InfratraqError && error.status !== 500;
  if (!known || error !== given) onError(given, 'admitting a socket');
  const {
    code,
    message,
    retryAfterMilliseconds: retry_after_ms,
  } = known ? error : { code: 'internal', message: 'Something failed on our side' };
  const data = { code, message, ...(retry_after_ms !== undefined && { retry_after_ms }) };
  return Object.assign(new Error(message), { data });
}
