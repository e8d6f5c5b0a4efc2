import type { ChannelNotices } from '../channels/channel-notices.js';
import type { ChatNamespace } from './chat-namespace.js';
import { channelRoom, memberRoom, userRoom, type ChatRooms } from './chat-rooms.js';

/** Emits the events of channels to those concerned, and puts former members out, on every server process. */
export function announceChannels(namespace: ChatNamespace, rooms: ChatRooms, channels: ChannelNotices): void {
  channels.onNotice((notice) => {
    const { event, users, payload } = notice;
    const concerned = namespace.to([channelRoom(payload.channel), ...users.map(userRoom)]);
    // One name and its payload: the compiler does not follow that they belong together.
    (concerned.emit as (name: string, given: object) => boolean).call(concerned, event, payload);
    if (notice.event !== 'member:removed') return;
    const { channel, user_id } = notice.payload;
    // The devices that have joined are told as they are put out.
    namespace.to(userRoom(user_id)).except(memberRoom(channel, user_id)).emit('channel:removed', { channel });
    rooms.expel(channel, user_id);
  });
}
