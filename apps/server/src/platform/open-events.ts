import { keepRedactionKey } from '@infratraq/environment';
import { claimJournalFolder, createEventWriter } from '@infratraq/ingest';
import type { Defer } from '@infratraq/kernel';
import { join } from 'node:path';
import { keepRejectedEvents } from './keep-rejected-events.js';
import type { Platform } from './platform.js';

// What MongoDB has not taken by then is kept in the journal.
const closeMilliseconds = 2_000;

/** Opens the event writer with a journal below DATA_DIR, and the key of redacted fields. */
export async function openEvents(
  { environment, log, models, states }: Pick<Platform, 'environment' | 'log' | 'models' | 'states'>,
  defer: Defer,
): Promise<Pick<Platform, 'events' | 'redactionKey'>> {
  const redactionKey = await keepRedactionKey(environment);
  const journalFolder = claimJournalFolder(join(environment.DATA_DIR, 'journal'));
  const events = createEventWriter({ models, states, log, redactionKey, journalFolder });
  keepRejectedEvents(events);
  defer(async () => {
    const { undelivered, kept } = await events.close({ deadlineMilliseconds: closeMilliseconds });
    if (kept > 0) log.warn({ kept }, 'events are kept in the journal for the next start');
    if (undelivered > 0) log.error({ undelivered }, 'events were left unwritten');
  });
  return { events, redactionKey };
}
