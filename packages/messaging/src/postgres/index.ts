export { createChannelMembershipRepository } from './channel-membership-repository.js';
export { createChannels } from './create-channels.js';
export { createMailboxPositionRepository } from './mailbox-position-repository.js';
export { messagingMigrations } from './migrations/index.js';
export type { MessagingTables } from './tables.js';
export { watchChannels, type WatchedChannels } from './watch-channels.js';
