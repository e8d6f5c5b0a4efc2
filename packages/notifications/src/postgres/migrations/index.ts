import type { MigrationList } from '@infratraq/postgres';
import { devices } from './0001-devices.js';
import { outboxAndGroups } from './0002-outbox-and-groups.js';
import { deviceTargets } from './0003-device-targets.js';
import { mailComplaints } from './0004-mail-complaints.js';

/** Devices, groups, followers, the outbox, and what mailboxes have called spam. */
export const notificationMigrations: MigrationList = {
  owner: 'notifications',
  steps: [devices, outboxAndGroups, deviceTargets, mailComplaints],
};
