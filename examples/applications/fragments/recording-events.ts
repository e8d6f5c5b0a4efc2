import { UserActivityEvent } from '@infratraq/activity';
import { openEvents } from '@infratraq/ingest';

const { events, close } = await openEvents({
  mongodbUri,
  collections: [UserActivityEvent],
  journalFolder: '/var/lib/app/journal',
  redactionKey,
});
events.record(UserActivityEvent, { user_id: 'u-1', event_type: 'page:viewed', received_at: new Date() });
await close(); // when the process ends: drains, and keeps what it could not write

declare const mongodbUri: string;
declare const redactionKey: string;
