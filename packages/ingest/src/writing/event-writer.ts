import { EventEmitter } from 'node:events';
import { policyOf, withholdValues, type DocumentClass, type Durability } from '@infratraq/kernel';
import { admitEvents } from './admit-events.js';
import { withholdSecrets } from '../casting/compile-redaction.js';
import { createKeyedHash } from '../casting/keyed-hash.js';
import { compilePreparation, type EventPreparation } from '../casting/prepare-event.js';
import type { Degradation, EventWriter, EventWriterOptions, WriterEvents } from './event-writer-types.js';
import { Journal } from '../journal/journal.js';
import type { JournalOptions } from '../journal/journal-options.js';
import { CollectionQueue } from '../queue/collection-queue.js';
import type { QueueContext } from '../queue/queue-context.js';
import { EventEncoder } from '../queue/event-encoder.js';
import { Pause } from '../queue/pause.js';
import { readDocument } from '../queue/recorded-event.js';
import type { Sink } from '../queue/sink.js';
import { Slots } from '../queue/slots.js';
import { Refusals } from './refusals.js';
import { createDocumentSink } from '../sinks/write-documents.js';

/** The way of one collection's events, or of those for another store. */
interface Lane extends EventPreparation {
  readonly name: string;
  readonly encoder: EventEncoder;
  readonly queue: CollectionQueue;
}

const asItIs: EventPreparation = {
  prepare: (event) => event,
  redactRejected: (event) => withholdSecrets(event) as object,
  isWhole: () => true,
};

/**
 * Makes the fire-and-forget writer over bound models.
 *
 * @throws DefinitionError when a class declares a redaction that cannot be carried out
 * @throws JournalInUseError when another process owns the journal's folder
 * @example
 * const writer = createEventWriter({ models, journalFolder: '/var/lib/app/journal', redactionKey });
 * writer.record(UserActivityEvent, { event_type: 'project:viewed', … });
 */
export function createEventWriter(options: EventWriterOptions): EventWriter {
  const { models, states, log, redactionKey, maxSilenceMilliseconds = 30_000 } = options;
  const events = new EventEmitter<WriterEvents>();
  const hash = redactionKey === undefined ? undefined : createKeyedHash(redactionKey);
  const preparations = new Map(
    models.collections.map((target) => [target, compilePreparation(target, models.of(target), hash)]),
  );
  const journal = openJournal(options, {
    onFault: (fault) => {
      log?.warn({ ...fault }, 'event journal');
      events.emit('journal:faulted', fault);
    },
    onRecovered: (recovery) => {
      log?.warn({ ...recovery }, 'the event journal can be written again');
      events.emit('journal:recovered', recovery);
    },
  });
  const refusals = new Refusals(events, log);
  const budget = { used: 0, maximum: options.maximumBytes ?? 64 * 1024 * 1024 };
  const slots = new Slots(options.totalBatchesInFlight ?? 4);
  const lanes = new Map<string, Lane>();
  const lanesByClass = new Map<DocumentClass, Lane>();
  const degraded = new Set<string>();
  let closed = false;

  // Listeners run apart from the caller of record, who must not be hit by what they throw.
  const reject = (collection: string, document: object, error: unknown, isWhole = true) => {
    const reason = withholdValues(error instanceof Error ? error.message : String(error));
    log?.warn({ collection, reason }, 'event rejected');
    queueMicrotask(() => events.emit('event:rejected', { collection, document, reason, error, isWhole }));
  };
  const degrade = (degradation: Degradation) => {
    if (degraded.has(degradation.collection)) return;
    degraded.add(degradation.collection);
    log?.warn({ ...degradation }, 'event writer degraded');
    queueMicrotask(() => events.emit('writer:degraded', degradation));
  };
  const recover = (collection: string) => {
    if (degraded.delete(collection)) queueMicrotask(() => events.emit('writer:recovered', { collection }));
  };

  const openLane = (
    name: string,
    durability: Durability,
    sink: Sink,
    preparation: EventPreparation,
    admit: QueueContext['admit'],
  ): Lane => {
    const queue = new CollectionQueue({
      name,
      durability,
      sink: (batch) => sink(batch, maxSilenceMilliseconds),
      budget,
      slots,
      journal,
      admit,
      pace: {
        maximumBatch: options.batchSize ?? 4_000,
        maximumLingerMilliseconds: options.lingerMilliseconds ?? 20,
      },
      batchesInFlight: durability === 'journal-first' ? 1 : (options.batchesInFlight ?? 2),
      rejected: (event, error) => reject(name, readDocument(event), error),
      degraded: (reason, error) =>
        degrade({ collection: name, reason, ...(error !== undefined && { error }) }),
      recovered: () => recover(name),
    });
    const lane = { ...preparation, name, queue, encoder: new EventEncoder() };
    lanes.set(name, lane);
    return lane;
  };

  const openCollection = (target: DocumentClass): Lane => {
    const preparation = preparations.get(target) ?? compilePreparation(target, models.of(target), hash);
    const { name, durability = 'buffered' } = policyOf(target);
    const database = models.connection.getClient().db(models.connection.name);
    const sink = createDocumentSink(database, name);
    const lane = openLane(name, durability, sink, preparation, () => admitEvents(name, states));
    lanesByClass.set(target, lane);
    return lane;
  };

  const recordIn = (lane: Lane, document: object): boolean => {
    if (closed) {
      lane.queue.countRefused();
      return false;
    }
    try {
      const isTaken = lane.queue.push(lane.encoder.encode(lane.prepare(document)));
      if (isTaken) refusals.endWhenQuiet();
      else refusals.add(lane.name);
      return isTaken;
    } catch (error) {
      lane.queue.countRejected();
      reject(lane.name, lane.redactRejected(document), error, lane.isWhole(document));
      return true;
    }
  };

  const drain = async (deadlineMilliseconds?: number): Promise<boolean> => {
    const drained = Promise.all([...lanes.values()].map(({ queue }) => queue.flush())).then((settled) =>
      settled.every(Boolean),
    );
    if (deadlineMilliseconds === undefined) return drained;
    const deadline = new Pause();
    const isDrained = await Promise.race([drained, deadline.wait(deadlineMilliseconds).then(() => false)]);
    deadline.cut();
    return isDrained;
  };

  for (const target of preparations.keys())
    if (journal?.unclaimedLanes().includes(policyOf(target).name)) openCollection(target);

  return {
    events,
    record: (target, document) => recordIn(lanesByClass.get(target) ?? openCollection(target), document),
    openStore: ({ name, durability, sink }) => {
      const lane = lanes.get(name) ?? openLane(name, durability, sink, asItIs, () => 'now');
      return (document) => recordIn(lane, document);
    },
    flush: ({ deadlineMilliseconds } = {}) => drain(deadlineMilliseconds),
    close: async ({ deadlineMilliseconds = 10_000 } = {}) => {
      closed = true;
      await drain(deadlineMilliseconds);
      const left = [...lanes.values()].map(({ queue }) => queue.abandon());
      journal?.close();
      refusals.end();
      const undelivered = left.reduce((sum, one) => sum + one.undelivered, 0);
      const kept = left.reduce((sum, one) => sum + one.kept, 0);
      if (undelivered + kept > 0)
        log?.warn({ undelivered, kept }, 'event writer closed before all was written');
      return { undelivered, kept };
    },
    metrics: () => {
      const collections = Object.fromEntries([...lanes].map(([name, { queue }]) => [name, queue.metrics()]));
      const all = Object.values(collections);
      return {
        depth: all.reduce((sum, { depth }) => sum + depth, 0),
        bytes: budget.used,
        maximumBytes: budget.maximum,
        oldestMilliseconds: Math.max(0, ...all.map(({ oldestMilliseconds }) => oldestMilliseconds)),
        degraded: degraded.size > 0,
        ...(journal && { journal: journal.metrics() }),
        collections,
      };
    },
  };
}

function openJournal(
  options: EventWriterOptions,
  listeners: Pick<JournalOptions, 'onFault' | 'onRecovered'>,
): Journal | undefined {
  const { journalFolder, maximumJournalBytes, journalSegmentBytes, journalSyncIntervalMilliseconds } =
    options;
  if (journalFolder !== undefined)
    return new Journal({
      ...(typeof journalFolder === 'string' ? { folder: journalFolder } : journalFolder),
      ...(maximumJournalBytes !== undefined && { maximumBytes: maximumJournalBytes }),
      ...(journalSegmentBytes !== undefined && { segmentBytes: journalSegmentBytes }),
      ...(journalSyncIntervalMilliseconds !== undefined && {
        syncIntervalMilliseconds: journalSyncIntervalMilliseconds,
      }),
      ...listeners,
    });
  const promised = options.models.collections
    .map((target) => policyOf(target))
    .filter(({ durability }) => durability === 'journal-first');
  if (promised.length > 0)
    options.log?.warn(
      { collections: promised.map(({ name }) => name) },
      'these are journal-first, but the event writer has no journalFolder: a killed process loses what is not yet written',
    );
  return undefined;
}
