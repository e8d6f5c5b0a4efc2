import {
  ForbiddenError,
  InfratraqError,
  newCauseId,
  runAsActor,
  type ChannelMembership,
} from '@infratraq/kernel';
import { acknowledge, UnauthenticatedError, type Authenticate } from '@infratraq/transport';
import type { ExtendedError, Namespace, Socket } from 'socket.io';
import { admit } from './chat-access.js';
import { clientEvents, type ClientEventName, type ClientEventPayload } from './chat-events.js';
import { ChatRooms, hasJoined, joinedChannels } from './chat-rooms.js';
import type { ChatService } from './chat-service.js';
import { presentMessage } from './present-message.js';

export * from './chat-events.js';

/** What the gateway works with. */
export interface ChatGatewayOptions {
  readonly chat: ChatService;
  readonly membership: ChannelMembership;
  /** Checks the token of `auth: { token }` when a client connects. */
  readonly authenticate: Authenticate;
  /** Told of errors that are not the client's; process warnings when absent. */
  readonly onError?: (error: unknown) => void;
}

type Handlers = {
  [Name in ClientEventName]: (payload: ClientEventPayload<Name>) => Promise<object | void>;
};

type Identity = Awaited<ReturnType<Authenticate>>;

/**
 * Serves chat on a Socket.IO namespace. Every client event is acknowledged with `{ok: true, …}` or
 * `{ok: false, error: {code, message}}`; what is announced to others has been stored before.
 *
 * @example chatGateway(io.of('/chat'), { chat, membership, authenticate })
 */
export function chatGateway(namespace: Namespace, options: ChatGatewayOptions): void {
  const rooms = new ChatRooms(namespace);
  const onError = options.onError ?? ((error: unknown) => process.emitWarning(error as Error));
  namespace.use((socket, next) => {
    identify(socket, options.authenticate).then(
      () => next(),
      (error: unknown) => next(refusal(error, onError)),
    );
  });
  namespace.on('connection', (socket) => serveSocket(socket, rooms, { ...options, onError }));
}

function serveSocket(
  socket: Socket,
  rooms: ChatRooms,
  { chat, membership, onError }: Required<ChatGatewayOptions>,
): void {
  const identity = identityOf(socket);
  const { user_id } = identity;
  const asUser = <Result>(work: () => Result): Result =>
    runAsActor({ ...identity, ip_address: socket.handshake.address, cause_id: newCauseId() }, work);

  const handlers: Handlers = {
    'channel:join': async ({ channel, after_seq }) => {
      await admit(membership, channel, user_id, 'read');
      const position = await chat.position(channel, user_id);
      await rooms.enter(socket, channel, user_id);
      // Read after joining: what is stored from here on is announced to this socket.
      if (after_seq === undefined)
        return {
          ...position,
          latest_seq: await chat.latestSeq(channel, user_id),
          messages: [],
          has_more: false,
        };
      const { messages, latest_seq, has_more } = await chat.missed(channel, user_id, after_seq);
      // Whoever asks for what came after a message says that the message has arrived.
      if (after_seq > 0 && after_seq <= latest_seq)
        await chat.markDelivered({ channel, user_id, seq: after_seq });
      return { ...position, latest_seq, messages: messages.map(presentMessage), has_more };
    },
    'channel:leave': async ({ channel }) => rooms.leave(socket, channel, user_id),
    'message:send': async (input) => {
      const sent = await chat.send({ ...input, sender_id: user_id });
      const message = presentMessage(sent.message);
      if (sent.created) rooms.announce(message.channel, 'message:created', message);
      return { message_id: message.message_id, seq: message.seq, message };
    },
    'message:edit': async (input) => {
      const edited = await chat.edit({ ...input, user_id });
      const message = presentMessage(edited.message);
      if (edited.changed) rooms.announce(message.channel, 'message:updated', message);
      return { message };
    },
    'message:delete': async (input) => {
      const deleted = await chat.delete({ ...input, user_id });
      const message = presentMessage(deleted.message);
      if (deleted.changed) rooms.announce(message.channel, 'message:deleted', message);
      return { message };
    },
    'message:react': async (input) => {
      const reacted = await chat.react({ ...input, user_id });
      const { message_id, channel, seq, reactions } = presentMessage(reacted.message);
      const { emoji, on } = input;
      if (reacted.changed)
        rooms.announce(channel, 'reaction:changed', {
          channel,
          message_id,
          seq,
          user_id,
          emoji,
          on,
          reactions,
        });
      return { message_id, seq, reactions };
    },
    'message:read': async ({ channel, seq }) => {
      const { changed, ...position } = await chat.markRead({ channel, user_id, seq });
      if (changed) rooms.announce(channel, 'read:changed', { channel, user_id, ...position });
      return position;
    },
    typing: async ({ channel, on }) => {
      if (!hasJoined(socket, channel))
        throw new ForbiddenError(`Join ${channel} before you type in it`, 'channel.not-joined');
      rooms.announceTyping(socket, { channel, user_id, on });
    },
  };

  const listen = <Name extends ClientEventName>(name: Name) => {
    const handle = handlers[name];
    const wrapped = acknowledge(
      clientEvents[name],
      (payload) => asUser(() => handle(payload as ClientEventPayload<Name>)),
      onError,
    );
    // Typed as any event: the names are only known to be ours once listed.
    (socket as Socket).on(name as string, wrapped);
  };
  for (const name of Object.keys(clientEvents) as ClientEventName[]) listen(name);
  socket.onAny((name: string, ...parameters: unknown[]) => refuseUnknown(name, parameters));
  socket.on('disconnecting', () => {
    const channels = joinedChannels(socket);
    socket.once('disconnect', () => {
      Promise.all(channels.map((channel) => rooms.announceAbsence(channel, user_id))).catch(onError);
    });
  });
}

function refuseUnknown(name: string, parameters: readonly unknown[]): void {
  const answer = parameters.at(-1);
  if (Object.hasOwn(clientEvents, name) || typeof answer !== 'function') return;
  const names = Object.keys(clientEvents).join(', ');
  answer({
    ok: false,
    error: { code: 'event.unknown', message: `There is no event ${name}; there are ${names}` },
  });
}

async function identify(socket: Socket, authenticate: Authenticate): Promise<void> {
  const { token } = socket.handshake.auth as { token?: unknown };
  if (typeof token !== 'string' || token === '')
    throw new UnauthenticatedError('Connect with auth: { token }, a bearer token');
  const { user_id, roles, session_id } = await authenticate(token);
  if (roles.length === 0) throw new UnauthenticatedError('This token carries no role');
  const identity: Identity = { user_id, roles, ...(session_id !== undefined && { session_id }) };
  socket.data = { identity };
}

function identityOf(socket: Socket): Identity {
  return (socket.data as { identity: Identity }).identity;
}

function refusal(error: unknown, onError: (error: unknown) => void): ExtendedError {
  const known = error instanceof InfratraqError && error.status !== 500;
  if (!known) onError(error);
  const code = known ? error.code : 'internal';
  const message = known ? error.message : 'Something failed on our side';
  return Object.assign(new Error(message), { data: { code, message } });
}
