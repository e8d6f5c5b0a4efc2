import type { ChannelFollower } from './channel-follower.js';
import type { ChannelSync } from './channel-sync.js';
import type { ChatClientEvents } from './chat-client-options.js';
import type { Connection } from './connection.js';
import type { EventListeners } from './event-listeners.js';

interface Hearing {
  readonly listeners: EventListeners<ChatClientEvents>;
  readonly channels: ChannelSync;
  readonly follower: ChannelFollower;
}

/** Brings each event of the server to the copies that it changes, and to the listeners. */
export function hearEvents(connection: Connection, { listeners, channels, follower }: Hearing): void {
  for (const name of ['message:created', 'message:updated'] as const)
    connection.hear(name, (message) => {
      channels.take(message);
      follower.takeMessage(message);
    });
  connection.hear('message:deleted', (message) => {
    channels.take(message);
    follower.takeDeletion(message);
  });
  connection.hear('reaction:changed', (reaction) => {
    channels.takeReaction(reaction);
    follower.takeReaction(reaction);
  });
  connection.hear('read:changed', (read) => {
    channels.takeRead(read);
    follower.takeReadOf(read);
  });
  connection.hear('chat:resync', (missed) => {
    for (const channel of missed.channels) {
      channels.syncSoon(channel);
      listeners.emit('presence:outdated', { channel });
    }
    follower.loadSoon();
  });
  connection.hear('channel:removed', ({ channel }) => {
    channels.remove(channel);
    follower.take((copies) => copies.remove(channel));
    listeners.emit('channel:removed', { channel });
  });
  connection.hear('channel:created', (notice) => follower.readSoon(notice.channel));
  connection.hear('channel:updated', ({ channel, title }) => follower.takeChange(channel, { title }));
  connection.hear('channel:archived', ({ channel }) => follower.take((copies) => copies.remove(channel)));
  connection.hear('role:changed', ({ channel, role }) => follower.takeChange(channel, { role }));
  // Of another user, if the channel is here.
  connection.hear('member:added', ({ channel }) => follower.takeChange(channel, {}));
  for (const name of [
    'typing',
    'presence:changed',
    'role:changed',
    'channel:created',
    'channel:updated',
    'channel:archived',
    'member:added',
    'member:removed',
  ] as const)
    connection.hear(name, (payload: ChatClientEvents[typeof name]) => listeners.emit(name, payload));
}
