import {
  openParts,
  warnOfError,
  type Category,
  type DocumentClass,
  type ReportError,
} from '@infratraq/kernel';
import { openModels, type Models, type MongoSource } from '@infratraq/mongo';
import { claimJournalFolder } from './journal/claim-journal-folder.js';
import { createEventWriter } from './writing/event-writer.js';
import type { EventWriter, EventWriterOptions } from './writing/event-writer-types.js';

/** Where events go, what the journal may use, and who is told of faults. */
export type OpenEventsOptions = (
  | Extract<MongoSource, { readonly models: Models }>
  | (Exclude<MongoSource, { readonly models: Models }> & {
      /** The collections that take events. */
      readonly collections: Category | readonly DocumentClass[];
    })
) &
  Omit<EventWriterOptions, 'models' | 'journalFolder'> & {
    /** For what memory cannot promise. Processes may share it: each claims a folder of its own below it. */
    readonly journalFolder?: string;
    /** Told of rejected events, of a writer that cannot keep up, and of faults of the journal. */
    readonly onError?: ReportError;
  };

/** A writer that takes events, and the models that it writes to. */
export interface OpenedEvents {
  readonly events: EventWriter;
  readonly models: Models;
  /** Drains the writer for 10 seconds at most, and closes the connection if this opened it. */
  close(): Promise<void>;
}

/**
 * Opens the fire-and-forget event writer.
 *
 * @throws DefinitionError when a class declares a redaction that cannot be carried out
 * @example
 * const { events, close } = await openEvents({ mongodbUri, collections: activity, journalFolder: 'journal' });
 * events.record(UserActivityEvent, { user_id: 'u-1', event_type: 'page:viewed', received_at: new Date() });
 */
export function openEvents(options: OpenEventsOptions): Promise<OpenedEvents> {
  const { onError = warnOfError, journalFolder, ...settings } = options;
  return openParts(async (defer) => {
    const collections = 'collections' in options ? options.collections : [];
    const { models, close } = await openModels(options, collections, settings);
    defer(close);
    const events = createEventWriter({
      ...settings,
      models,
      ...(journalFolder !== undefined && { journalFolder: claimJournalFolder(journalFolder) }),
    });
    reportFaults(events, onError);
    defer(async () => {
      const { undelivered } = await events.close();
      if (undelivered > 0) onError(new Error(`${undelivered} events are lost`), 'closing the event writer');
    });
    return { events, models };
  });
}

function reportFaults({ events }: EventWriter, onError: ReportError): void {
  events.on('event:rejected', ({ collection, reason }) =>
    onError(new Error(reason), `recording an event in ${collection}`),
  );
  events.on('writer:degraded', ({ collection, reason, error }) =>
    onError(error ?? new Error(reason), `writing events to ${collection}; they are tried again`),
  );
  events.on('refusal:begun', ({ collection }) =>
    onError(new Error('Neither memory nor the journal has room'), `recording events in ${collection}`),
  );
  events.on('refusal:ended', ({ refused, since, until }) =>
    onError(
      new Error(`${refused} events were refused`),
      `recording events from ${since.toISOString()} to ${until.toISOString()}`,
    ),
  );
  events.on('journal:faulted', ({ kind, path, error }) =>
    onError(error ?? new Error(kind), `keeping events in the journal ${path}`),
  );
}
