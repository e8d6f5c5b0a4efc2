import type { ChatRequest, ChatRequestName, ChatResult } from '@infratraq/chat-wire';
import {
  ForbiddenError,
  InfratraqError,
  newCauseId,
  runAsActor,
  warnOfError,
  type ReportError,
} from '@infratraq/kernel';
import { acknowledge, admitSockets, socketIdentity, type Authenticate } from '@infratraq/transport';
import type { Namespace } from 'socket.io';
import { AnnouncedMessages } from './announced-messages.js';
import type { ChatNamespace, ChatSocket } from './chat-namespace.js';
import { clientEvents } from './client-events.js';
import { announceChannels } from './announce-channels.js';
import { checkMembership } from './check-membership.js';
import { ChatRooms, hasJoined, joinedChannels, userRoom, type Membership } from './chat-rooms.js';
import type { ChannelNotices } from '../channels/channel-notices.js';
import type { ChatService } from '../chat-service.js';
import { corkBursts } from './cork-bursts.js';
import { presentMessage } from '../present-message.js';
import { SlowSockets } from './slow-sockets.js';
import { SyncLine } from './sync-line.js';

/** Chat, authentication and limits of the gateway. */
export interface ChatGatewayOptions {
  readonly chat: ChatService;
  /** Channels that people make: their events reach the users whom they concern. */
  readonly channels?: ChannelNotices | undefined;
  /** Checks the token of `auth: { token }` when a client connects. */
  readonly authenticate: Authenticate;
  /** Receives errors that are not the client's fault. @default warnings of the process */
  readonly onError?: ReportError;
  /** Unsent packets kept for one client before it has to sync instead. @default 1_000 */
  readonly unsentPackets?: number;
  /** Events of one client in progress at once; further ones are refused. @default 200 */
  readonly pendingEvents?: number;
  /** Syncs that are answered at once; further ones wait. @default 16 */
  readonly syncsAtOnce?: number;
}

/** Controls the connected clients. */
export interface ChatGateway {
  /** Removes a user from a channel, on every server process. Call it when a membership ends. */
  expel(channel: string, userId: string): void;
  /**
   * Applies the present membership to the users whom this process serves: former members are removed from the channel,
   * and the user whose membership changed is told their role and syncs. Call it on every process when a membership
   * changes; without arguments it checks all users.
   */
  checkMembership(changed?: Partial<Membership>): Promise<void>;
  /** Makes all clients of a channel sync. Call it when its history was cut. */
  resync(channel: string): void;
  /**
   * Makes clients sync that may have missed announcements, because server processes could not reach each other: those in
   * `rooms` on every process, or else all of this process, whose memberships are checked before.
   */
  recover(missed?: { readonly rooms?: readonly string[] | undefined }): Promise<void>;
}

interface Serving {
  readonly rooms: ChatRooms;
  readonly announced: AnnouncedMessages;
  readonly slow: SlowSockets;
  readonly line: SyncLine;
}

interface ServingOptions extends Omit<ChatGatewayOptions, 'onError'> {
  readonly onError: (error: unknown) => void;
  readonly pendingEvents: number;
}

type Handlers = {
  [Name in ChatRequestName]: (payload: ChatRequest<Name>) => Promise<ChatResult<Name, Date>>;
};

/**
 * Serves chat on a Socket.IO namespace. Every client event is acknowledged with `{ok: true, …}` or
 * `{ok: false, error: {code, message}}`. Messages are stored before they are announced.
 *
 * @example chatGateway(io.of('/chat'), { chat, authenticate })
 */
export function chatGateway(given: Namespace | ChatNamespace, options: ChatGatewayOptions): ChatGateway {
  const namespace = given as ChatNamespace;
  const report = options.onError ?? warnOfError;
  const onError = (error: unknown) => report(error, 'serving chat');
  const { unsentPackets = 1_000, pendingEvents = 200, syncsAtOnce = 16 } = options;
  const serving = {
    rooms: new ChatRooms(namespace, onError),
    announced: new AnnouncedMessages(),
    slow: new SlowSockets({ packets: unsentPackets }),
    line: new SyncLine({ atOnce: syncsAtOnce }),
  };
  admitSockets(namespace, options.authenticate, onError);
  namespace.on('connection', (socket) =>
    serveSocket(socket, serving, { ...options, onError, pendingEvents }),
  );
  const { rooms } = serving;
  if (options.channels) announceChannels(namespace, rooms, options.channels);
  return {
    checkMembership: (changed) => checkMembership(rooms, options.chat.membership, changed),
    expel: (channel, userId) => rooms.expel(channel, userId),
    resync: (channel) => rooms.resync(channel),
    recover: async ({ rooms: missed } = {}) => {
      if (missed) return rooms.resyncRooms(missed);
      await checkMembership(rooms, options.chat.membership);
      rooms.resyncHere();
    },
  };
}

function serveSocket(
  socket: ChatSocket,
  { rooms, announced, slow, line }: Serving,
  { chat, onError, pendingEvents }: ServingOptions,
): void {
  const identity = socketIdentity(socket);
  const { user_id } = identity;
  const asUser = <Result>(work: () => Result): Result =>
    runAsActor({ ...identity, ip_address: socket.handshake.address, cause_id: newCauseId() }, work);

  const sync = async ({ channel, changed_since, ...known }: ChatRequest<'channel:sync'>) => {
    const missed = await chat.missed(channel, user_id, {
      ...known,
      ...(changed_since !== undefined && { changed_since: new Date(changed_since) }),
    });
    const { messages, changed, ...rest } = missed;
    return { ...rest, messages: messages.map(presentMessage), changed: changed.map(presentMessage) };
  };
  const describe = async (channel: string) => ({
    ...(await chat.bounds(channel, user_id)),
    messages: [],
    changed: [],
    reads: [],
    has_more: false,
    reset: false,
    synced_at: new Date(),
  });
  const inTurn = <Answer>(channel: string, answer: () => Promise<Answer>) =>
    line.serve({ socketId: socket.id, channel, isWanted: () => socket.connected }, answer);
  void socket.join(userRoom(user_id));
  slow.watch(socket, user_id);
  corkBursts(socket);
  const handlers: Handlers = {
    'channel:join': async ({ channel, after_seq, ...known }) => {
      await chat.admit(channel, user_id, 'read');
      const { membership } = chat;
      const isNewcomer = (await membership.historyFrom?.(channel, user_id)) !== undefined;
      await rooms.enter(socket, channel, user_id, isNewcomer);
      // The membership may have ended while the socket was joining, too early for `expel` to find it.
      if (!(await membership.roleOf(channel, user_id))) rooms.expel(channel, user_id);
      // Read after joining: later messages are announced to this socket.
      return inTurn(channel, async () => {
        const answer =
          after_seq === undefined ? await describe(channel) : await sync({ channel, after_seq, ...known });
        // A client that has a message has received it.
        if (after_seq !== undefined && after_seq > 0 && !answer.reset)
          await chat.markReceived({ channel, user_id, seq: after_seq });
        return { ...(await chat.positionWithin(channel, user_id, answer)), ...answer };
      });
    },
    'channel:sync': (known) => inTurn(known.channel, () => sync(known)),
    'channel:leave': async ({ channel }) => {
      slow.release(socket, channel);
      await rooms.leave(socket, channel, user_id);
      return {};
    },
    'message:send': async (input) => {
      const sent = await chat.send({ ...input, sender_id: user_id });
      const message = presentMessage(sent.message);
      if (announced.add(message.message_id) && !message.deleted_at) {
        // A retry may concern a message that is old by now.
        if (sent.created) rooms.announce(message.channel, 'message:created', message);
        else rooms.announceChange(message.channel, 'message:created', message);
      }
      return { message_id: message.message_id, seq: message.seq, message };
    },
    'message:edit': async (input) => {
      const edited = await chat.edit({ ...input, user_id });
      const message = presentMessage(edited.message);
      if (edited.changed) rooms.announceChange(message.channel, 'message:updated', message);
      return { message };
    },
    'message:delete': async (input) => {
      const deleted = await chat.delete({ ...input, user_id });
      const message = presentMessage(deleted.message);
      if (deleted.changed) rooms.announceChange(message.channel, 'message:deleted', message);
      return { message };
    },
    'message:react': async (input) => {
      const reacted = await chat.react({ ...input, user_id });
      const { message_id, channel, seq, revision, reactions } = presentMessage(reacted.message);
      const { emoji, on } = input;
      if (reacted.changed)
        rooms.announceChange(channel, 'reaction:changed', {
          channel,
          message_id,
          seq,
          user_id,
          emoji,
          on,
          revision,
          reactions,
        });
      return { message_id, seq, reactions };
    },
    'message:pin': async (input) => {
      const pinned = await chat.pin({ ...input, user_id });
      const message = presentMessage(pinned.message);
      if (pinned.changed) rooms.announceChange(message.channel, 'message:updated', message);
      return { message };
    },
    'message:delivered': async ({ channel, seq }) => {
      const { changed, ...position } = await chat.markDelivered({ channel, user_id, seq });
      if (changed) rooms.announce(channel, 'read:changed', { channel, user_id, ...position });
      return position;
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
      return {};
    },
    'presence:list': async ({ channel }) => {
      await chat.admit(channel, user_id, 'read');
      return rooms.listPresent(channel);
    },
  };

  let pending = 0;
  const listen = <Name extends ChatRequestName>(name: Name) => {
    const handle = handlers[name];
    const wrapped = acknowledge(
      clientEvents[name],
      async (payload) => {
        if (pending >= pendingEvents) throw tooManyPending();
        pending += 1;
        try {
          return await asUser(() => handle(payload as ChatRequest<Name>));
        } finally {
          pending -= 1;
        }
      },
      onError,
    );
    socket.on<ChatRequestName>(name, wrapped);
  };
  for (const name of Object.keys(clientEvents) as ChatRequestName[]) listen(name);
  socket.onAny((name: string, ...parameters: unknown[]) => refuseUnknown(name, parameters));
  socket.on('disconnecting', () => {
    const channels = [...joinedChannels(socket), ...slow.heldChannels(socket)];
    socket.once('disconnect', () => {
      for (const channel of channels) rooms.announceAbsence(channel, user_id);
    });
  });
}

function tooManyPending(): InfratraqError {
  return new InfratraqError(
    'chat.too-many-pending',
    'Too many of your events are in progress; wait for some answers before you send more',
    { status: 429, retryAfterMilliseconds: 500 },
  );
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
