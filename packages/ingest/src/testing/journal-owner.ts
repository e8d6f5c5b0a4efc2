import { claimJournalFolder } from '../journal/claim-journal-folder.js';
import { Journal } from '../journal/journal.js';
import { writeEvents } from './write-events.js';

/**
 * A process of a container: claims a folder below JOURNAL, says what it found there, writes COUNT events and stays; or
 * says why it may not.
 */
const { JOURNAL = '', COUNT = '0' } = process.env;
const say = (line: object) => process.stdout.write(`${JSON.stringify({ pid: process.pid, ...line })}\n`);
try {
  const claimed = claimJournalFolder(JOURNAL);
  const journal = new Journal(claimed);
  const { recovered } = journal.metrics();
  writeEvents(journal, Number(COUNT));
  say({ folder: claimed.folder, recovered });
  setInterval(() => undefined, 60_000);
} catch (error) {
  const { code, message } = error as Error & { code?: string };
  say({ code, message });
}
