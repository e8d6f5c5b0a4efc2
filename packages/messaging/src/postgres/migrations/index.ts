import type { MigrationList } from '@infratraq/postgres';
import { channels } from './0001-channels.js';
import { liveChannels } from './0002-live-channels.js';
import { mailboxPosition } from './0003-mailbox-position.js';
import { madeChannels } from './0004-made-channels.js';

/** Channels with their members, and how far mailboxes are read. */
export const messagingMigrations: MigrationList = {
  owner: 'messaging',
  steps: [channels, liveChannels, mailboxPosition, madeChannels],
};
