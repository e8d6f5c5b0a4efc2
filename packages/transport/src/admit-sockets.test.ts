import { describe, expect, it } from '@jest/globals';
import { admitSockets, type AdmittingNamespace } from './admit-sockets.js';
import { socketIdentity, UnauthenticatedError } from './index.js';

type Middleware = Parameters<AdmittingNamespace['use']>[0];
type Socket = Parameters<Middleware>[0];

/** Connects a socket with this `auth`; gives back what it is told and what was reported. */
async function connect(auth: Record<string, unknown>) {
  const reported: unknown[] = [];
  const endings = new Set<() => void>();
  let middleware: Middleware | undefined;
  let connected: ((socket: Socket) => void) | undefined;
  admitSockets(
    { use: (given) => void (middleware = given), on: (_event, listener) => void (connected = listener) },
    async (token) => {
      if (token === 'forged') throw new UnauthenticatedError('The token is not valid');
      if (token === 'unlucky') throw new Error('password=hunter2');
      const onEnd = (listener: () => void) => {
        endings.add(listener);
        return () => void endings.delete(listener);
      };
      return { user_id: token, roles: token === 'nobody' ? [] : ['member'], onEnd };
    },
    (error) => reported.push(error),
  );
  let left: (() => void) | undefined;
  const socket = {
    handshake: { auth, address: '127.0.0.1' },
    data: {} as unknown,
    isOpen: true,
    once: (_event: 'disconnect', listener: () => void) => void (left = listener),
    disconnect: () => {
      socket.isOpen = false;
      left?.();
    },
  };
  const refusal = await new Promise<(Error & { data?: { code: string } }) | undefined>((resolve) =>
    middleware?.(socket, resolve),
  );
  if (!refusal) connected?.(socket);
  return { socket, refusal, reported, endings };
}

describe('a namespace that admits sockets', () => {
  it('knows whose socket it is that came with a token', async () => {
    const { socket, refusal } = await connect({ token: 'mia' });
    expect(refusal).toBeUndefined();
    expect(socketIdentity(socket)).toEqual({ user_id: 'mia', roles: ['member'] });
  });

  it.each([
    ['no token', {}],
    ['a token that is no text', { token: { $ne: '' } }],
    ['a forged token', { token: 'forged' }],
    ['a token without a role', { token: 'nobody' }],
  ])('refuses %s, and says so', async (_what, auth) => {
    const { refusal, reported } = await connect(auth);
    expect(refusal?.data).toMatchObject({ code: 'unauthenticated', message: refusal?.message });
    expect(reported).toEqual([]);
  });

  it('disconnects a socket once its identity ends', async () => {
    const { socket, endings } = await connect({ token: 'mia' });
    expect(socket.isOpen).toBe(true);
    for (const end of endings) end();
    expect(socket.isOpen).toBe(false);
    expect(endings.size).toBe(0);
  });

  it('reports an error of its own, and tells the client nothing of it', async () => {
    const { refusal, reported } = await connect({ token: 'unlucky' });
    expect(refusal?.data?.code).toBe('internal');
    expect(refusal?.message).not.toContain('hunter2');
    expect(reported).toHaveLength(1);
  });
});
