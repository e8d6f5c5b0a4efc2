import { defineQuery } from '@infratraq/kernel';
import { ChatReadState } from './chat-read-state.js';

/** One member's position in a channel. */
export const findReadState = defineQuery(ChatReadState, {
  example: { channel: 'project:42', user_id: 'u-1' },
  shape: ({ channel, user_id }: { channel: string; user_id: string }) => ({ filter: { channel, user_id } }),
});

/** Positions of every member of a channel. */
export const listReadStatesOfChannel = defineQuery(ChatReadState, {
  example: { channel: 'project:42' },
  shape: ({ channel }: { channel: string }) => ({ filter: { channel }, sort: { user_id: 1 } }),
});

/** Positions in a channel that have moved since a time, the latest moved first. */
export const listReadStatesMoved = defineQuery(ChatReadState, {
  example: { channel: 'project:42', since: new Date('2026-01-01') },
  shape: ({ channel, since }: { channel: string; since: Date }) => ({
    filter: { channel, updated_at: { $gte: since } },
    sort: { updated_at: -1 },
  }),
});

/** A user's positions in all channels, the latest moved first. */
export const listReadStatesOfUser = defineQuery(ChatReadState, {
  example: { user_id: 'u-1' },
  shape: ({ user_id }: { user_id: string }) => ({ filter: { user_id }, sort: { updated_at: -1 } }),
});
