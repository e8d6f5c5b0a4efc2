import type { Migration } from 'kysely/migration';
import * as actor from './0001-actor.js';
import * as people from './0002-people-and-channels.js';
import * as integration from './0003-integration.js';
import * as collectionState from './0004-collection-state.js';
import * as auditSeals from './0005-audit-seals.js';
import * as sensitiveFields from './0006-sensitive-fields.js';
import * as liveChannels from './0007-live-channels.js';
import * as notifications from './0009-notifications.js';
import * as organisationPreferences from './0010-organisation-preferences.js';
import * as mailboxPosition from './0011-mailbox-position.js';
import * as deviceTargets from './0014-device-targets.js';
import * as mailComplaints from './0016-mail-complaints.js';
import * as auditSealHead from './0017-audit-seal-head.js';

/** Every migration in the order in which it runs; an entry never changes once it has been released. */
export const migrations: Record<string, Migration> = {
  '0001-actor': actor,
  '0002-people-and-channels': people,
  '0003-integration': integration,
  '0004-collection-state': collectionState,
  '0005-audit-seals': auditSeals,
  '0006-sensitive-fields': sensitiveFields,
  '0007-live-channels': liveChannels,
  '0009-notifications': notifications,
  '0010-organisation-preferences': organisationPreferences,
  '0011-mailbox-position': mailboxPosition,
  '0014-device-targets': deviceTargets,
  '0016-mail-complaints': mailComplaints,
  '0017-audit-seal-head': auditSealHead,
};
